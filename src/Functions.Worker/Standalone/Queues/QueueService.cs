using Azure.Storage.Queues;
using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StorageAccounts;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Runs the app's queue functions, as a Functions host would. Settings are checked before the server starts. Polling begins when the server
/// listens.
/// </summary>
internal sealed partial class QueueService : IHostedLifecycleService, IDisposable
{
    /// <summary>The length of a lease. When a process dies, its messages are delivered again after at most this time.</summary>
    private static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(30);

    /// <summary>The time limits of the listeners when the app stops.</summary>
    private static readonly DrainLimits Limits =
        new(Fetch: TimeSpan.FromSeconds(2), Cancel: TimeSpan.FromSeconds(2), Release: TimeSpan.FromSeconds(2));

    private readonly IServiceProvider _services;
    private readonly IConfiguration _configuration;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly QueueSettings _settings;
    private readonly StorageQueues _queues;
    private readonly QueueDepth _depth;
    private readonly List<QueueFunction> _functions = [];
    private readonly List<(string Function, string Connection)> _unconnected = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort;
    private Task _running = Task.CompletedTask;

    /// <param name="functions">The functions with a queue trigger.</param>
    /// <param name="grace">The time for running invocations to end when the app stops.</param>
    /// <exception cref="StartupException">A setting, host.json or the name of a queue is not valid.</exception>
    public QueueService(IServiceProvider services, IEnumerable<FunctionDescriptor> functions, TimeSpan grace)
    {
        _services = services;
        _configuration = services.GetRequiredService<IConfiguration>();
        _grace = grace;
        _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _logger = services.GetRequiredService<ILogger<QueueService>>();
        _settings = QueueSettings.Read(services.GetRequiredService<HostJson>(), _configuration);
        _queues = new StorageQueues(_configuration);
        _depth = new QueueDepth(_time);
        _abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        foreach (var function in functions.Where(function => !DisabledFunctions.IsDisabled(function, _configuration)))
        {
            if (QueueFunction.FindMissingConnection(function, _configuration) is { } missing)
                _unconnected.Add((function.Name, missing));
            else
                _functions.Add(QueueFunction.From(function, _configuration));
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var (function, connection) in _unconnected)
            LogConnectionMissing(function, connection);
        _running = Task.WhenAll(_functions.Select(function => Task.Run(() => ListenAsync(function), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>Stops receiving messages. The running invocations may continue for the grace period.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _abort.CancelAfter(_grace);
        await _stop.CancelAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => _running;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _depth.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }

    private async Task ListenAsync(QueueFunction function)
    {
        var depthReading = Task.CompletedTask;
        try
        {
            depthReading = _depth.WatchAsync(GetQueueClients(function), _stop.Token);
            await CreateListener(function).RunAsync(Limits, _stop.Token, _abort.Token);
        }
        catch (StorageSettingsException e)
        {
            LogCannotStart(function.Name, e.Message);
        }
        catch (Exception e)
        {
            LogListenerFailed(function.Name, e);
        }

        await depthReading;
    }

    private QueueClient[] GetQueueClients(QueueFunction function) => QueueName.FindFinalName(function.Queue.Name) is { } finalName
        ? [_queues.GetClient(function.Queue), _queues.GetClient(function.Queue with { Name = finalName })]
        : [_queues.GetClient(function.Queue)];

    private QueueListener CreateListener(QueueFunction function)
    {
        var poison = QueueName.FindPoisonName(function.Queue.Name) is { } poisonName
            ? _queues.GetPoisonQueue(function.Queue with { Name = poisonName })
            : null;
        var outputs = new OutputQueues(
            function.Outputs.ToDictionary(output => output.Key, output => _queues.GetTargetQueue(output.Value), StringComparer.Ordinal),
            _settings.MessageEncoding);
        var invoker = new MessageInvoker(function, outputs, _services);
        var processor = new MessageProcessor(invoker, poison, _settings, _logger);
        return new QueueListener(_queues.GetSourceQueue(function.Queue, LeaseLength), processor, _settings, _time, _logger);
    }

    [LoggerMessage(
        LogLevel.Information,
        "Function {Function} is off, because its storage account is not set. Set {Connection} to turn the function on.")]
    private partial void LogConnectionMissing(string function, string connection);

    [LoggerMessage(LogLevel.Error, "Function {Function} is off: {Reason}")]
    private partial void LogCannotStart(string function, string reason);

    [LoggerMessage(
        LogLevel.Critical,
        "Function {Function} receives no more messages, because its listener failed. Restart the server, and report this bug.")]
    private partial void LogListenerFailed(string function, Exception exception);
}
