using System.Net.Http.Json;
using System.Text.Json;
using Functions.Worker.TestHost;

namespace Functions.Tests.Queues;

[Collection(QueuesCollection.Name)]
public sealed class JobRetryTests(QueueFunctionTests.Server server) : IClassFixture<QueueFunctionTests.Server>
{
    private static readonly object Body = new { features = (int[])[1] };

    private FunctionsHostDouble Host => server.Host;

    /// <summary>The queue delivers the message again after some seconds. Until then the state says what the job waits for.</summary>
    [Fact]
    public async Task Job_WhoseModelDoesNotLoad_ReportsTheFailedAttemptUntilItIsGivenUp()
    {
        using var submitted = await Host.Client.PostAsJsonAsync("/models/broken/jobs", Body);
        var message = await PredictionScenario.ReceiveAsync(server.Scenario.Queue);
        var attempt = await Host.InvokeQueueAsync(PredictionScenario.Function, message, dequeueCount: 2);
        var waiting = await Host.Client.GetFromJsonAsync<JsonElement>(submitted.Headers.Location!);
        await Host.DeliverQueueMessageAsync(PredictionScenario.Function, message);
        var failed = await Host.Client.GetFromJsonAsync<JsonElement>(submitted.Headers.Location!);

        Assert.False(attempt.Succeeded);
        Assert.Equal(("running", 1), (waiting.GetProperty("status").GetString(), waiting.GetProperty("attempts").GetInt32()));
        var retry = waiting.GetProperty("retry");
        Assert.Equal((2, 5), (retry.GetProperty("attempt").GetInt32(), retry.GetProperty("maxAttempts").GetInt32()));
        Assert.Equal("modelUnavailable", retry.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("does not load", retry.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.False(failed.TryGetProperty("retry", out _));
        await PredictionScenario.ReceiveAsync(server.Scenario.Failed);
    }
}
