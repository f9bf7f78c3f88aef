using Microsoft.Extensions.Hosting;

namespace Functions.Worker.Tests.Functions;

/// <summary>A hosted service whose start fails.</summary>
public sealed class FailingService : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("The models are\nnot there.");

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
