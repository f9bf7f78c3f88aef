using Inference.Onnx.Crash;
using Inference.Reload;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>Looks after the models for as long as requests are taken.</summary>
internal sealed class ModelReloadService(ModelReloader reloader, CrashJournal journal, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The first look at the store must not hold up the first request.
        lifetime.ApplicationStarted.Register(reloader.Start);
        lifetime.ApplicationStopping.Register(journal.Stop);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => reloader.StopAsync();
}
