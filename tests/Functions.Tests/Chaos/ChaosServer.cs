using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Functions.Tests.Chaos;

/// <summary>The server process of a chaos run, with an operator's client.</summary>
internal sealed class ChaosServer : IAsyncDisposable
{
    private const string Key = "f-key", AdminKey = "a-key";

    private readonly HttpClient _admin;
    private readonly Uri _grpc;

    private ChaosServer(FunctionsProcess process, Uri grpc)
    {
        (Process, _grpc) = (process, grpc);
        _admin = NewClient(AdminKey);
        _admin.Timeout = ChaosClient.Patience;
    }

    public FunctionsProcess Process { get; }

    public static async Task<ChaosServer> StartAsync(ChaosModels models, string storage)
    {
        var name = $"c-{Guid.NewGuid():N}";
        var process = await models.Folder.ServeAsync(
            ("Models__MemoryBudget", ChaosModels.Budget.ToString(CultureInfo.InvariantCulture)),
            ("Models__ReloadInterval", "00:00:01"),
            ("Keys__Function", Key), ("Keys__Admin", AdminKey), ("Grpc__Urls", "http://127.0.0.1:0"),
            ("AzureWebJobsStorage", storage), ("Predictions__Queue", name),
            ("Predictions__ResultsQueue", $"{name}-results"), ("Predictions__Container", $"{name}-blobs"));
        return new ChaosServer(process, await process.GrpcAddress);
    }

    /// <summary>Returns a client for each protocol, each with its own connection pool.</summary>
    public IEnumerable<IChaosProtocol> Protocols()
    {
        yield return HttpProtocol.Predict(NewClient(Key));
        yield return HttpProtocol.InferJson(NewClient(Key));
        yield return HttpProtocol.InferBinary(NewClient(Key));
        yield return new GrpcProtocol(_grpc, Key);
        yield return HttpProtocol.TensorFlowServing(NewClient(Key));
        yield return new EmbeddingProtocol(NewClient(Key));
        yield return HttpProtocol.Predict(NewClient(Key));
        yield return new JobProtocol(NewClient(Key));
    }

    public async Task<HttpStatusCode> PostAsync(string path)
    {
        using var response = await _admin.PostAsync(new Uri(path, UriKind.Relative), content: null);
        return response.StatusCode;
    }

    public async Task<HttpStatusCode> GetAsync(string path)
    {
        using var response = await _admin.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    public async Task<JsonElement> StatusAsync() =>
        JsonDocument.Parse(await _admin.GetStringAsync(new Uri("/status", UriKind.Relative))).RootElement;

    /// <summary>Returns the number of a model's requests that wait and of its runs.</summary>
    public async Task<int> CountWorkAsync(string model) => (await StatusAsync()).GetProperty("models").EnumerateArray()
        .Where(one => one.GetProperty("model").GetString() == model).Sum(CountWork);

    /// <summary>Waits until no slot is used and nothing waits or runs.</summary>
    /// <returns>Null when the server is idle; the work that still runs after the limit otherwise.</returns>
    public async Task<string?> BecomeIdleAsync(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var status = await StatusAsync();
            var used = status.GetProperty("compute").GetProperty("used").GetInt32();
            var busy = status.GetProperty("models").EnumerateArray()
                .Where(model => CountWork(model) > 0).ToList();
            if (used == 0 && busy.Count == 0)
                return null;
            if (Stopwatch.GetElapsedTime(started) > limit)
                return $"{used} slots are used, and at work are: {string.Join(' ', busy)}";
            // The server sends no signal when it becomes idle, so its state is polled.
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await Process.DisposeAsync();
    }

    private static int CountWork(JsonElement model) => model.GetProperty("waiting").GetInt32() + model.GetProperty("running").GetInt32();

    private HttpClient NewClient(string key)
    {
        var client = new HttpClient { BaseAddress = Process.Client.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Add("x-functions-key", key);
        return client;
    }
}
