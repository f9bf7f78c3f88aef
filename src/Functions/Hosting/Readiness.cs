using Inference;
using Inference.Reload;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Whether requests are to be sent here: once the models are loaded that their settings want loaded at the start, while the store answers or any model is
/// loaded, until the shutdown begins. The other models load on demand, and one that does not is its own answer's business.
/// </summary>
public sealed class Readiness(IHostApplicationLifetime lifetime, ModelReloader reloader, EngineStatus engine)
{
    public bool IsReady =>
        reloader.Preloaded.IsCompleted && (reloader.StoreAnswers || engine.HasLoaded) && !lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Ends when the models are loaded that are to be loaded at the start.</summary>
    public Task Preloaded => reloader.Preloaded;
}
