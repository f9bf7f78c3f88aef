using Azure.Core;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Functions.Worker.Standalone.Queues;

/// <summary>The queues of this process's functions: one client for each storage account, and one signal for each queue.</summary>
internal sealed class StorageQueues(IConfiguration configuration)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, QueueServiceClient> _accountClients = new(StringComparer.Ordinal);
    private readonly Dictionary<QueueAddress, QueueSignal> _signals = [];

    /// <summary>
    /// The options of the clients. A client retries only a few times and for a short time: the caller retries as well, and a longer retry
    /// would delay a stop. The client does not decode messages, so that a message that cannot be decoded moves to the poison queue
    /// unchanged. Diagnostics per request are off.
    /// </summary>
    public static QueueClientOptions Options => new()
    {
        MessageEncoding = QueueMessageEncoding.None,
        Retry =
        {
            Mode = RetryMode.Exponential,
            MaxRetries = 2,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(1),
            NetworkTimeout = TimeSpan.FromSeconds(10),
        },
        Diagnostics = { IsLoggingEnabled = false, IsDistributedTracingEnabled = false, IsTelemetryEnabled = false },
    };

    /// <exception cref="StorageSettingsException">The connection's setting cannot be used.</exception>
    public QueueClient GetClient(QueueAddress address)
    {
        lock (_lock)
        {
            if (!_accountClients.TryGetValue(address.Connection, out var accountClient))
            {
                accountClient = GetAccount(address).CreateQueueClient(Options);
                _accountClients.Add(address.Connection, accountClient);
            }

            return accountClient.GetQueueClient(address.Name);
        }
    }

    /// <exception cref="StorageSettingsException">The connection's setting cannot be used.</exception>
    public TargetQueue GetTargetQueue(QueueAddress address) => new(GetClient(address), GetSignal(address));

    /// <summary>Gets a queue whose messages never expire, because no function processes them.</summary>
    /// <exception cref="StorageSettingsException">The connection's setting cannot be used.</exception>
    public TargetQueue GetPoisonQueue(QueueAddress address) => new(GetClient(address), GetSignal(address), TargetQueue.Unlimited);

    /// <exception cref="StorageSettingsException">The connection's setting cannot be used.</exception>
    public SourceQueue GetSourceQueue(QueueAddress address, TimeSpan leaseLength) =>
        new(GetClient(address), GetSignal(address), leaseLength) { Setting = GetAccount(address).Setting };

    private StorageAccount GetAccount(QueueAddress address) => StorageAccount.FromSetting(configuration, address.Connection);

    private QueueSignal GetSignal(QueueAddress address)
    {
        lock (_lock)
        {
            if (!_signals.TryGetValue(address, out var signal))
            {
                signal = new QueueSignal();
                _signals.Add(address, signal);
            }

            return signal;
        }
    }
}
