namespace Inference.Models.Settings;

/// <summary>Settings for the parts of results beside the outputs.</summary>
public sealed record ResultSettings
{
    /// <summary>Every result names the digest of the files that computed it.</summary>
    /// <value>Default: false.</value>
    public bool Digest { get; init; }
}
