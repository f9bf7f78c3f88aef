using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Functions.Tests.Host;
using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>The models, queues and container of one test.</summary>
internal sealed class PredictionScenario : IAsyncDisposable
{
    public const string Function = "PredictionQueue";
    public const string PoisonFunction = "PredictionPoison";

    /// <summary>
    /// How long a received message is hidden from other calls. A busy machine may delay its deletion for longer than the default of 30 s,
    /// and a later call would then receive the message again.
    /// </summary>
    public static readonly TimeSpan HiddenTime = TimeSpan.FromMinutes(2);

    private readonly AzuriteFixture _azurite;
    private readonly TempFolder _models = new();

    /// <summary>The crash journals of other tests' killed processes must not refuse the models of this test.</summary>
    private readonly TempFolder _cache = new();
    private readonly string _name = $"p-{Guid.NewGuid():N}";

    private PredictionScenario(AzuriteFixture azurite)
    {
        _azurite = azurite;
        Queue = new QueueClient(azurite.ConnectionString, _name);
        Poison = new QueueClient(azurite.ConnectionString, $"{_name}-poison");
        Failed = new QueueClient(azurite.ConnectionString, $"{_name}-failed");
        Results = new QueueClient(azurite.ConnectionString, $"{_name}-results");
        Container = new BlobContainerClient(azurite.ConnectionString, $"{_name}-blobs");
        foreach (var model in (string[])["fixed_batch", "slow", "gather", "crashing"])
            TestModels.CopyTo(model, _models.Combine(model, "1"));
        Directory.CreateDirectory(_models.Combine("broken", "1"));
        File.WriteAllText(_models.Combine("broken", "1", "model.onnx"), "not a model");
    }

    /// <summary>The connection string with a blob endpoint that does not respond.</summary>
    public string ConnectionStringWithoutBlobs =>
        Regex.Replace(_azurite.ConnectionString, "BlobEndpoint=[^;]+", "BlobEndpoint=http://127.0.0.1:1/devstoreaccount1");

    public QueueClient Queue { get; }

    public QueueClient Poison { get; }

    public QueueClient Failed { get; }

    public QueueClient Results { get; }

    public BlobContainerClient Container { get; }

    public static async Task<PredictionScenario> CreateAsync(AzuriteFixture azurite)
    {
        await azurite.StartAsync();
        var scenario = new PredictionScenario(azurite);
        await scenario.Queue.CreateAsync();
        await scenario.Poison.CreateAsync();
        await scenario.Failed.CreateAsync();
        await scenario.Results.CreateAsync();
        return scenario;
    }

    public string ConnectionString => _azurite.ConnectionString;

    public (string Name, string Value)[] Settings =>
    [
        ("AzureWebJobsStorage", _azurite.ConnectionString),
        ("Models__Source", _models.Path),
        ("Models__CacheDirectory", _cache.Path),
        ("Predictions__Queue", Queue.Name),
        ("Predictions__ResultsQueue", Results.Name),
        ("Predictions__Container", Container.Name),
        ("Predictions__RequestContainers", "inbox"),
    ];

    public Task<FunctionsHostDouble> StartUnderHostAsync(params (string Name, string Value)[] more) =>
        HostedApp.StartAsync(settings: WithSettings(more));

    public Task<FunctionsProcess> StartAsync(params (string Name, string Value)[] more) => FunctionsProcess.StartAsync(WithSettings(more));

    public void RemoveModels()
    {
        foreach (var model in Directory.GetDirectories(_models.Path))
            Directory.Delete(model, recursive: true);
    }

    public void WriteSettings(string model, string json) => File.WriteAllText(_models.Combine(model, "model.json"), json);

    /// <summary>
    /// Replaces the file of a model with the file of another model. A single rename ensures that the server always sees a file.
    /// </summary>
    public void ReplaceModel(string model, string by)
    {
        using var copy = new TempFolder();
        TestModels.CopyTo(by, copy.Path);
        File.Move(copy.Combine("model.onnx"), _models.Combine(model, "1", "model.onnx"), overwrite: true);
    }

    public async Task<string> ReadResultAsync(string id) =>
        (await Container.GetBlobClient($"{id}.json").DownloadContentAsync()).Value.Content.ToString();

    public async Task UploadAsync(string name, string content)
    {
        await Container.CreateIfNotExistsAsync();
        await Container.GetBlobClient(name).UploadAsync(new BinaryData(content), overwrite: true);
    }

    /// <summary>Receives the next message of a queue and deletes it.</summary>
    public static async Task<string> ReceiveAsync(QueueClient queue)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < WaitLimit.Step;)
        {
            if ((await queue.ReceiveMessageAsync(HiddenTime)).Value is { } message)
            {
                await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
                return message.Body.ToString();
            }

            // Another process sends the message, so the queue is polled.
            await Task.Delay(50);
        }

        throw new TimeoutException($"Nothing came to {queue.Name}.");
    }

    public static async Task<JsonElement> ReceiveJsonAsync(QueueClient queue) => Parse(await ReceiveAsync(queue));

    public static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    /// <summary>Creates a message for the model fixed_batch. The prediction is four times the doubled number.</summary>
    public static string CreateMessage(string id, int number = 1) =>
        $"{{\"id\":\"{id}\",\"model\":\"fixed_batch\",\"request\":{{\"features\":[{number},{number},{number},{number}]}}}}";

    /// <summary>Creates a predict body with many items.</summary>
    public static string LargeBody(int items = 8000, string item = "[1,2,3,4]") =>
        $"{{\"features\":[{string.Join(',', Enumerable.Repeat(item, items))}]}}";

    /// <summary>Returns the scenario's settings. Other settings replace those of the same name.</summary>
    public (string Name, string Value)[] WithSettings((string Name, string Value)[] more) =>
        [.. Settings.Where(setting => !more.Any(other => other.Name == setting.Name)), .. more];

    public async ValueTask DisposeAsync()
    {
        await _azurite.StartAsync();
        await Queue.DeleteIfExistsAsync();
        await Poison.DeleteIfExistsAsync();
        await Failed.DeleteIfExistsAsync();
        await Results.DeleteIfExistsAsync();
        await Container.DeleteIfExistsAsync();
        _models.Dispose();
        _cache.Dispose();
    }
}
