using Inference;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Functions.Hosting.Telemetry;

/// <summary>
/// Exports telemetry to the targets in the settings. The creation of the exporters takes longer than the start of the whole app. Therefore
/// the exporters are created in the background after the start. Telemetry from before their creation is not sent.
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

    /// <summary>
    /// Stops the exporters after the server, so that the telemetry of the last requests is sent. Data that the target does not accept in
    /// time is dropped.
    /// </summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _starting.ConfigureAwait(false);
        foreach (var export in _exports)
        {
            // Dispose blocks until the buffered data is sent.
            await Task.Run(export.Dispose, CancellationToken.None)
                .WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StartExportsAsync()
    {
        if (OtlpExport.IsConfigured(configuration))
            await StartExportAsync("OTLP", OtlpExport.AddTo).ConfigureAwait(false);
        if (ApplicationInsightsExport.IsConfigured(configuration))
            await StartExportAsync("Application Insights", ApplicationInsightsExport.AddTo).ConfigureAwait(false);
    }

    private async Task StartExportAsync(string name, Action<IServiceCollection, IConfiguration> add)
    {
        try
        {
            // This call creates the engine's observable instruments, so that the exporter finds them.
            app.GetRequiredService<EngineStatus>();
            var services = new ServiceCollection();
            add(services, configuration);
            var export = services.BuildServiceProvider();
            _exports.Add(export);
            foreach (var service in export.GetServices<IHostedService>())
                await service.StartAsync(CancellationToken.None).ConfigureAwait(false);
            // A Functions host exports the log entries itself.
            if (!TelemetrySources.IsUnderHost(configuration) && export.GetService<LoggerProvider>() is not null)
                loggers.AddProvider(new ForwardingLoggerProvider(export.GetRequiredService<ILoggerFactory>()));
            ExportStarted(name);
        }
        catch (Exception e)
        {
            // The app runs without this exporter. Only the exception's type is logged, because the exception's message may quote a setting
            // that contains a key.
            ExportFailed(name, e.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Information, "Telemetry is sent to {Exporter}.")]
    private partial void ExportStarted(string exporter);

    [LoggerMessage(LogLevel.Error, "Telemetry is not sent to {Exporter}: its settings cannot be used ({Kind}).")]
    private partial void ExportFailed(string exporter, string kind);
}
