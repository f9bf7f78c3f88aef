using Inference.Models;

namespace Inference.Serving;

public enum ModelState
{
    /// <summary>In the store; the first request loads it.</summary>
    Available,
    Loading,
    Ready,

    /// <summary>The last load failed; a later request tries again.</summary>
    Failed,
}

/// <param name="Reason">Why the last load failed; null in every other state.</param>
public sealed record ModelStatus(ModelVersion Version, ModelState State, string? Reason);
