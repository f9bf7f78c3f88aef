using System.Text;
using Azure.Core;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Functions.Worker.Registry;
using Functions.Worker.Standalone.Queues;
using Functions.Worker.Tests.Functions;
using Functions.Worker.Tests.Support;
using Inference.Testing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>A queue in Azurite for one test, and listeners of the queue.</summary>
internal sealed class QueueScenario : IAsyncDisposable
{
    public static readonly TimeSpan Patience = WaitLimit.Step;

    /// <summary>A lease that ends within a test. The storage's minimum is one second.</summary>
    public static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(3);

    /// <summary>The lease of most tests. It outlasts a stall of the machine, as the lease of the product does.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly AzuriteFixture _azurite;
    private readonly string _name = $"q{Guid.NewGuid():N}";
    private readonly List<RunningListener> _listeners = [];
    private readonly ServiceProvider _services = new ServiceCollection().AddScoped<Gate>().BuildServiceProvider();

    public QueueScenario(AzuriteFixture azurite)
    {
        _azurite = azurite;
        Queue = Client(_name, QueueMessageEncoding.Base64);
        Poison = Client($"{_name}-poison", QueueMessageEncoding.Base64);
        Results = Client($"{_name}-results", QueueMessageEncoding.Base64);
    }

    /// <summary>The queue that the listeners read, as the test's own client.</summary>
    public QueueClient Queue { get; }

    public QueueClient Poison { get; }

    public QueueClient Results { get; }

    public LogRecorder Log { get; } = new();

    /// <summary>The limits of a stop. The release has more time than in the product, because a busy machine may need it.</summary>
    public DrainLimits Limits { get; set; } = new(Fetch: TimeSpan.FromSeconds(2), Cancel: TimeSpan.FromSeconds(2), Release: Patience);

    /// <summary>Settings with the shortest polling interval, so that no test waits for a poll.</summary>
    public static QueueSettings Settings { get; } = new() { MaxPollingInterval = PollingDelay.Minimum };

    public QueueClient Client(string name, QueueMessageEncoding encoding) =>
        new(_azurite.ConnectionString, name, new QueueClientOptions { MessageEncoding = encoding });

    /// <summary>Sends messages, and creates the queue if it does not exist.</summary>
    public async Task SendAsync(params string[] messages)
    {
        await Queue.CreateIfNotExistsAsync();
        foreach (var message in messages)
            await Queue.SendMessageAsync(message);
    }

    public RunningListener Start(
        Func<string, FunctionContext, Task> run, QueueSettings? settings = null, Wire? wire = null, TimeSpan? lease = null) => Start(
        async (message, context) =>
        {
            await run(Encoding.UTF8.GetString(message.Body.Span), context);
            return [];
        },
        settings,
        wire,
        lease: lease);

    /// <param name="run">The function; its output "results" is bound to <see cref="Results"/>.</param>
    public RunningListener Start(
        MessageFunction run,
        QueueSettings? settings = null,
        Wire? wire = null,
        TimeProvider? time = null,
        QueueSignal? signal = null,
        QueueClient? queue = null,
        TimeSpan? lease = null)
    {
        settings ??= Settings;
        var options = StorageQueues.Options;
        if (wire is not null)
            options.AddPolicy(wire, HttpPipelinePosition.PerCall);
        queue ??= new QueueClient(_azurite.ConnectionString, _name, options);
        var account = new QueueServiceClient(_azurite.ConnectionString, options);
        TargetQueue Target(string name) => new(account.GetQueueClient(name), new QueueSignal());

        var descriptor = new FunctionDescriptor("id", "Test", "Tests.Test") { ScriptFile = "test.dll", RawBindings = [] };
        var address = new QueueAddress("Storage", queue.Name);
        var function = new QueueFunction(descriptor, run, address, new Dictionary<string, QueueAddress>());
        var outputs =
            new OutputQueues(new Dictionary<string, TargetQueue> { ["results"] = Target(Results.Name) }, settings.MessageEncoding);
        var poison = QueueName.FindPoisonName(queue.Name) is { } name
            ? new TargetQueue(account.GetQueueClient(name), new QueueSignal(), TargetQueue.Unlimited)
            : null;
        var processor = new MessageProcessor(new MessageInvoker(function, outputs, _services), poison, settings, Log);
        var source = new SourceQueue(queue, signal ?? new QueueSignal(), lease ?? Lease) { Setting = "AzureWebJobsStorage" };
        var listener = new RunningListener(new QueueListener(source, processor, settings, time ?? TimeProvider.System, Log), Limits);
        _listeners.Add(listener);
        return listener;
    }

    public static MessageFunction Failing(string reason) => (_, _) => throw new InvalidOperationException(reason);

    /// <summary>Returns the number of messages in a queue, visible or not.</summary>
    public static async Task<int> CountAsync(QueueClient queue) =>
        await queue.ExistsAsync() ? (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount : 0;

    /// <summary>Returns the messages that are visible now.</summary>
    public static async Task<IReadOnlyList<string>> PeekAsync(QueueClient queue)
    {
        PeekedMessage[] messages = await queue.PeekMessagesAsync(32);
        return [.. messages.Select(m => m.Body.ToString())];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
            await listener.DisposeAsync();
        foreach (var queue in new[] { Queue, Poison, Results })
            await queue.DeleteIfExistsAsync();
        await _services.DisposeAsync();
    }
}
