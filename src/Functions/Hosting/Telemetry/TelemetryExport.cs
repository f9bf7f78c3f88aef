using Inference;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Functions.Hosting.Telemetry;

/// <summary>
/// Sends telemetry to where the settings say. The exporters take longer to make than the whole app to start: they are made in the
/// background once it serves, and what happens in the moment until then is not sent.
/// </summary>
internal sealed partial class TelemetryExport(
    IServiceProvider app, IConfiguration configuration, IHostApplicationLifetime lifetime, ILoggerFactory loggers,
    ILogger<TelemetryExport> logger)
    : IHostedLifecycleService
{
    private readonly List<ServiceProvider> _exports = [];
    private Task _starting = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => _starting = Task.Run(StartExportsAsync, CancellationToken.None));
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the server: the last requests are sent too. One that is not taken in time is left.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _starting.ConfigureAwait(false);
        foreach (var export in _exports)
        {
            // Disposing sends what waits, and blocks for it.
            await Task.Run(export.Dispose, CancellationToken.None)
                .WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StartExportsAsync()
    {
        if (OtlpExport.IsConfigured(configuration))
            await StartAsync("OTLP", OtlpExport.AddTo).ConfigureAwait(false);
        if (ApplicationInsightsExport.IsConfigured(configuration))
            await StartAsync("Application Insights", ApplicationInsightsExport.AddTo).ConfigureAwait(false);
    }

    private async Task StartAsync(string name, Action<IServiceCollection, IConfiguration> add)
    {
        try
        {
            // From now on there is somebody to observe the engine for.
            app.GetRequiredService<EngineStatus>();
            var services = new ServiceCollection();
            add(services, configuration);
            var export = services.BuildServiceProvider();
            _exports.Add(export);
            foreach (var service in export.GetServices<IHostedService>())
                await service.StartAsync(CancellationToken.None).ConfigureAwait(false);
            // A Functions host sends on what it is told.
            if (!TelemetrySources.IsUnderHost(configuration) && export.GetService<LoggerProvider>() is not null)
                loggers.AddProvider(new ForwardingLoggerProvider(export.GetRequiredService<ILoggerFactory>()));
            Started(name);
        }
        catch (Exception e)
        {
            // Serving goes on without being watched; the message may quote a setting, and settings hold keys.
            NotStarted(name, e.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Information, "Telemetry is sent to {Exporter}.")]
    private partial void Started(string exporter);

    [LoggerMessage(LogLevel.Error, "Telemetry is not sent to {Exporter}: its settings cannot be used ({Kind}).")]
    private partial void NotStarted(string exporter, string kind);
}
