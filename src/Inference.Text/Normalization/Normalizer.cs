namespace Inference.Text.Normalization;

/// <summary>A step that rewrites text before it is split into words.</summary>
internal abstract class Normalizer
{
    /// <summary>Rewrites the pieces that are not added tokens.</summary>
    public abstract void Normalize(WorkingText text);
}

/// <summary>Runs several steps in order.</summary>
internal sealed class SequenceNormalizer(Normalizer[] steps) : Normalizer
{
    public override void Normalize(WorkingText text)
    {
        foreach (var step in steps)
            step.Normalize(text);
    }
}
