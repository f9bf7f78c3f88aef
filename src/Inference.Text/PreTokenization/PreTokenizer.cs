namespace Inference.Text.PreTokenization;

/// <summary>A step that cuts text into the words that the model makes tokens of. Some rewrite the text too.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Whether it asks where a piece began in the original text.</summary>
    public virtual bool AsksForOrigin => false;

    public abstract void PreTokenize(WorkingText text);
}

/// <summary>Several steps, one after another.</summary>
internal sealed class SequencePreTokenizer(PreTokenizer[] steps) : PreTokenizer
{
    public override bool AsksForOrigin => Array.Exists(steps, step => step.AsksForOrigin);

    public override void PreTokenize(WorkingText text)
    {
        foreach (var step in steps)
            step.PreTokenize(text);
    }
}
