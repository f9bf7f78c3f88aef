using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Inference.Azure.Predictions;
using Inference.Testing;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Inference.Azure.Tests.Predictions;

/// <summary>A container and queues for one test. Disposing the scenario deletes them.</summary>
internal sealed class ContainerScenario : IAsyncDisposable
{
    private readonly string _name = $"p-{Guid.NewGuid():N}";

    public ContainerScenario(AzuriteFixture azurite, string timeToLive = "1.00:00:00")
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = azurite.ConnectionString,
            ["Predictions:Queue"] = _name,
            ["Predictions:Container"] = _name,
            ["Predictions:ResultTimeToLive"] = timeToLive,
        }).Build();
        var account = new StorageAccount(configuration, StorageAccount.DefaultSetting);
        Settings = PredictionSettings.Read(configuration);
        Container = new PredictionContainer(account, Settings, BlobScenario.Options(Wire));
        Queues = new PredictionQueues(account, Settings);
        Raw = new BlobContainerClient(azurite.ConnectionString, _name);
        Queue = new QueueClient(azurite.ConnectionString, _name);
        Failed = new QueueClient(azurite.ConnectionString, $"{_name}-failed");
        Poison = new QueueClient(azurite.ConnectionString, $"{_name}-poison");
    }

    public RequestProbe Wire { get; } = new();

    public PredictionSettings Settings { get; }

    public PredictionContainer Container { get; }

    public PredictionQueues Queues { get; }

    public BlobContainerClient Raw { get; }

    public QueueClient Queue { get; }

    public QueueClient Failed { get; }

    public QueueClient Poison { get; }

    public async ValueTask DisposeAsync()
    {
        await Raw.DeleteIfExistsAsync();
        await Queue.DeleteIfExistsAsync();
        await Failed.DeleteIfExistsAsync();
        await Poison.DeleteIfExistsAsync();
    }
}
