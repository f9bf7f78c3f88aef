using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>Settings for the load, the warm-up and the unload of a model.</summary>
public sealed record LifecycleSettings
{
    /// <summary>The smallest value of <see cref="IdleTimeout"/>.</summary>
    public static readonly TimeSpan MinIdleTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The largest value of <see cref="IdleTimeout"/>.</summary>
    public static readonly TimeSpan MaxIdleTimeout = TimeSpan.FromDays(365);

    /// <summary>
    /// Whether the model is loaded when the server starts. The server is not ready before this load. Otherwise the first request loads the
    /// model.
    /// </summary>
    /// <value>Default: false.</value>
    public bool Preload { get; init; }

    /// <summary>Whether the model is never unloaded to make room for another model.</summary>
    /// <value>Default: false.</value>
    public bool Pinned { get; init; }

    /// <summary>The time without a request after which the model is unloaded.</summary>
    /// <value>
    /// Default: null. The model is then unloaded only to make room. <see cref="MinIdleTimeout"/> to <see cref="MaxIdleTimeout"/>.
    /// </value>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The runs after the load and before the first request.</summary>
    /// <value>Default: empty.</value>
    public ImmutableArray<WarmupSample> Warmup { get; init; } = [];
}
