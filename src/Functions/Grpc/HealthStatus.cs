using Functions.Hosting;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.Extensions.Hosting;

namespace Functions.Grpc;

/// <summary>
/// Reports <see cref="Readiness"/> in gRPC's health service (grpc.health.v1) and to the service's watchers. The state is set at the start,
/// after the preload of models, after each check of the store, and at the shutdown.
/// </summary>
internal sealed class HealthStatus(HealthServiceImpl health, Readiness readiness, IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>The names in the health service: the empty name for the whole server, and the name of its only gRPC service.</summary>
    private static readonly string[] ServiceNames = ["", "inference.GRPCInferenceService"];

    private readonly Lock _gate = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Update();
        readiness.StoreChecked += Update;
        _ = readiness.Preloaded.ContinueWith(_ => Update(), TaskScheduler.Default);
        lifetime.ApplicationStopping.Register(Update);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        readiness.StoreChecked -= Update;
        return Task.CompletedTask;
    }

    private void Update()
    {
        // The readiness is read under the lock, so that the last update sets the latest state.
        lock (_gate)
        {
            var status = readiness.IsReady
                ? HealthCheckResponse.Types.ServingStatus.Serving
                : HealthCheckResponse.Types.ServingStatus.NotServing;
            foreach (var service in ServiceNames)
                health.SetStatus(service, status);
        }
    }
}
