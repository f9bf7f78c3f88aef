using Inference.Serving;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Whether requests are taken: from when the models are loaded that their settings want loaded at the start, until the shutdown
/// begins. The others load on demand, and one that does not is its own answer's business.
/// </summary>
public sealed class Readiness(IHostApplicationLifetime lifetime, ModelReloader reloader)
{
    public bool IsReady => BecameReady.IsCompleted && !lifetime.ApplicationStopping.IsCancellationRequested;

    public Task BecameReady => reloader.Preloaded;
}
