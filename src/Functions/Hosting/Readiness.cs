using Inference;
using Inference.Reload;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Reports whether this instance should receive requests. Readiness requires that the models with <c>preload</c> in their settings were
/// loaded, and that no shutdown has begun. Readiness also requires that the store responds or that a model is loaded. Models without
/// <c>preload</c> load on demand. Such a model that does not load fails only its own requests.
/// </summary>
public sealed class Readiness(IHostApplicationLifetime lifetime, ModelReloader reloader, EngineStatus engine)
{
    /// <summary>Whether this instance should receive requests now.</summary>
    public bool IsReady =>
        reloader.Preloaded.IsCompleted && reloader.ArePreloadsLoaded && (reloader.IsStoreReachable || engine.HasLoadedModels)
            && !lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>
    /// The reason why this instance should receive no requests, or the problem of the store while loaded models still serve; null when
    /// there is neither. Probes show the reason to callers without a key, so it contains no location.
    /// </summary>
    public string? Reason
    {
        get
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                return "The server is stopping.";
            if (!reloader.IsStoreReachable)
                return reloader.StoreLoss ?? "The model store does not respond. GET /models has the reason.";
            if (!reloader.Preloaded.IsCompleted)
                return "The models to load at the start are not loaded yet.";
            return reloader.ArePreloadsLoaded ? null : "A model to load at the start does not load. GET /models has the reason.";
        }
    }

    /// <summary>Completes when the models with <c>preload</c> are loaded or have failed to load.</summary>
    public Task Preloaded => reloader.Preloaded;

    /// <summary>Raised after each check of the store, when <see cref="IsReady"/> may have changed.</summary>
    public event Action StoreChecked
    {
        add => reloader.StoreChecked += value;
        remove => reloader.StoreChecked -= value;
    }
}
