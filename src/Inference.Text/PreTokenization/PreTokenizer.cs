namespace Inference.Text.PreTokenization;

/// <summary>A step that splits text into words, which the model then splits into tokens. Some steps also rewrite the text.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Whether the step needs the start of a piece in the original text.</summary>
    public virtual bool NeedsOrigin => false;

    /// <summary>Splits the pieces that are not added tokens.</summary>
    public abstract void PreTokenize(WorkingText text);
}

/// <summary>Runs several steps in order.</summary>
internal sealed class SequencePreTokenizer(PreTokenizer[] steps) : PreTokenizer
{
    public override bool NeedsOrigin => Array.Exists(steps, step => step.NeedsOrigin);

    public override void PreTokenize(WorkingText text)
    {
        foreach (var step in steps)
            step.PreTokenize(text);
    }
}
