using Inference.Batching;
using Inference.Models;
using Inference.Models.Trust;
using Inference.Shadow;

namespace Inference.Serving;

public enum ModelState
{
    /// <summary>In the store; the first request loads it.</summary>
    Available,
    Loading,
    Ready,

    /// <summary>The last load failed, or the model's settings are wrong; a later request tries again.</summary>
    Failed,

    /// <summary>Taken out, but the last who use it have not finished.</summary>
    Unloading,
}

/// <param name="Reason">Why the last load failed, why a ready version was not replaced by what the store has now, or why one that another server has does not answer; null otherwise.</param>
public sealed record ModelStatus(ModelVersion Version, ModelState State, string? Reason)
{
    /// <summary>Of the files that are loaded, once <see cref="ModelCatalog.DigestAsync"/> has worked it out; null otherwise.</summary>
    public ModelDigest? Digest { get; init; }

    /// <summary>Whether its requests may share runs; null before the first load.</summary>
    public BatchContract? Contract { get; init; }

    /// <summary>What became of its runs as a shadow; null when it is none.</summary>
    public ShadowCounts? Shadow { get; init; }
}
