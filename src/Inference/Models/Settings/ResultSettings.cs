namespace Inference.Models.Settings;

/// <summary>Settings for the parts of results other than the outputs.</summary>
public sealed record ResultSettings
{
    /// <summary>Whether every result has the digest of the files that computed it.</summary>
    /// <value>Default: false.</value>
    public bool IncludesDigest { get; init; }
}
