using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests messages that the host moved to the poison queue because their last attempt was interrupted.</summary>
[Collection(QueuesCollection.Name)]
public sealed class PoisonFunctionTests(AzuriteFixture azurite, QueueFunctionTests.Server server) : IClassFixture<QueueFunctionTests.Server>
{
    private readonly string _id = Guid.NewGuid().ToString("N");

    private PredictionScenario Scenario => server.Scenario;

    [Fact]
    public async Task Poison_NoResult_StoresAFailureAndMovesTheMessage()
    {
        var message = PredictionScenario.CreateMessage(_id);

        var response = await InvokeAsync(message);

        var result = Assert.Single(response.ReturnValue);
        Assert.Equal(result, await Scenario.ReadResultAsync(_id));
        Assert.Equal("interrupted", PredictionScenario.Parse(result).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(message, await PredictionScenario.ReceiveAsync(Scenario.Failed));
    }

    [Fact]
    public async Task Poison_StoredResult_SendsItAndEndsTheMessage()
    {
        var message = PredictionScenario.CreateMessage(_id);
        var first = await server.Host.InvokeQueueAsync(PredictionScenario.Function, message);

        var response = await InvokeAsync(message);

        Assert.Equal(first.Outputs["Results"], response.ReturnValue);
        Assert.Null((await Scenario.Failed.ReceiveMessageAsync()).Value);
    }

    [Fact]
    public async Task Poison_StoredFailure_SendsItAndMovesTheMessage()
    {
        var message = PredictionScenario.CreateMessage(_id).Replace("fixed_batch", "unknown", StringComparison.Ordinal);
        var first = await server.Host.InvokeQueueAsync(PredictionScenario.Function, message);

        var response = await InvokeAsync(message);

        Assert.Equal(first.Outputs["Results"], response.ReturnValue);
        Assert.Equal(message, await PredictionScenario.ReceiveAsync(Scenario.Failed));
    }

    [Fact]
    public async Task Poison_NoPredictionMessage_IsMovedAsItIs()
    {
        var response = await InvokeAsync("hello");

        Assert.Empty(response.ReturnValue);
        Assert.Equal("hello", await PredictionScenario.ReceiveAsync(Scenario.Failed));
    }

    [Fact]
    public async Task Poison_StorageDown_IsAFailureThatIsRetried()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync();
        await azurite.StopAsync();
        var down = await host.InvokeQueueAsync(PredictionScenario.PoisonFunction, PredictionScenario.CreateMessage("a"), 2);
        await azurite.StartAsync();

        Assert.False(down.Succeeded);
    }

    /// <summary>A host never again delivers a message that failed too often in the poison queue.</summary>
    [Fact]
    public async Task Poison_BlobsDownASecondTime_IsSentAgainAsANewMessage()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync(("AzureWebJobsStorage", scenario.ConnectionStringWithoutBlobs));
        var message = PredictionScenario.CreateMessage("a");

        var down = await host.InvokeQueueAsync(PredictionScenario.PoisonFunction, message, 2);

        Assert.True(down.Succeeded, $"{down.Exception}");
        Assert.Empty(down.ReturnValue);
        Assert.Equal(message, await PredictionScenario.ReceiveAsync(scenario.Poison));
    }

    private async Task<InvocationResult> InvokeAsync(string message)
    {
        var result = await server.Host.InvokeQueueAsync(PredictionScenario.PoisonFunction, message);
        Assert.True(result.Succeeded, $"{result.Exception}");
        return result;
    }
}
