using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>When a model is loaded and when it goes.</summary>
public sealed record LifecycleSettings
{
    public static readonly TimeSpan MinIdleTimeout = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan MaxIdleTimeout = TimeSpan.FromDays(365);

    /// <summary>Loaded when the server starts, which is not ready before; otherwise by the first request.</summary>
    /// <value>Default: false.</value>
    public bool Preload { get; init; }

    /// <summary>Never unloaded to make room for another model.</summary>
    /// <value>Default: false.</value>
    public bool Pinned { get; init; }

    /// <summary>The time without a request after which the model is unloaded.</summary>
    /// <value>Default: null, only to make room. <see cref="MinIdleTimeout"/> to <see cref="MaxIdleTimeout"/>.</value>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Runs made after loading, before the first request is answered.</summary>
    /// <value>Default: empty.</value>
    public ImmutableArray<WarmupSample> Warmup { get; init; } = [];
}
