using Inference;
using Inference.Reload;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Whether this instance should receive requests. It is ready once the models with preload are loaded, while the store responds or any
/// model is loaded, until the shutdown begins. Other models load on demand, and one that does not load fails only its own requests.
/// </summary>
public sealed class Readiness(IHostApplicationLifetime lifetime, ModelReloader reloader, EngineStatus engine)
{
    public bool IsReady =>
        reloader.Preloaded.IsCompleted && (reloader.StoreAnswers || engine.HasLoaded)
            && !lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>
    /// Why this instance should receive no requests, or what is wrong with the store while loaded models still serve; null when all is
    /// well. Probes show the text without a key, so it contains no location.
    /// </summary>
    public string? Reason
    {
        get
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                return "The server is stopping.";
            if (!reloader.StoreAnswers)
                return reloader.StoreLoss ?? "The model store does not answer.";
            return reloader.Preloaded.IsCompleted ? null : "Models that are to be loaded at the start are not loaded yet.";
        }
    }

    /// <summary>Completes when the models with preload are loaded.</summary>
    public Task Preloaded => reloader.Preloaded;
}
