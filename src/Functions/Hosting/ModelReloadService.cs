using Inference.Onnx.Crash;
using Inference.Reload;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>Reloads changed models from the start of the server until it stops.</summary>
internal sealed class ModelReloadService(ModelReloader reloader, CrashJournal journal, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The reloader starts after the server, because the first check of the store must not delay the first request.
        lifetime.ApplicationStarted.Register(reloader.Start);
        lifetime.ApplicationStopping.Register(journal.MarkStopping);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => reloader.StopAsync();
}
