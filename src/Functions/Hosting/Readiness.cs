using Inference;
using Inference.Reload;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Whether requests are to be sent here: once the models are loaded that their settings want loaded at the start, while the store answers
/// or any model is loaded, until the shutdown begins. The other models load on demand, and one that does not is its own answer's business.
/// </summary>
public sealed class Readiness(IHostApplicationLifetime lifetime, ModelReloader reloader, EngineStatus engine)
{
    public bool IsReady =>
        reloader.Preloaded.IsCompleted && (reloader.StoreAnswers || engine.HasLoaded)
            && !lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>
    /// Why no requests are to be sent here, or what is wrong with the store while loaded models answer; null when all is well. Probes show
    /// it to everyone, so it names no location.
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

    /// <summary>Ends when the models are loaded that are to be loaded at the start.</summary>
    public Task Preloaded => reloader.Preloaded;
}
