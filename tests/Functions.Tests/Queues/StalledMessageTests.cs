using Functions.Tests.Host;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests messages of a model whose runs do not end, beside messages of a good model.</summary>
[Collection(QueuesCollection.Name)]
public sealed class StalledMessageTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Messages_RunsDoNotEnd_OtherModelsContinueAndFurtherMessagesAreGivenBack()
    {
        // One message waits for the others, which hold all slots.
        var endless = Environment.ProcessorCount + 1;
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        for (var i = 0; i < endless; i++)
            await scenario.Queue.SendMessageAsync($$"""{"id":"l{{i}}","model":"slow","request":{{HostedApp.SlowBody(long.MaxValue)}}}""");
        await using var process = await scenario.StartAsync(("AzureFunctionsJobHost__extensions__queues__newBatchThreshold", "0"));

        await process.WaitForOutputAsync("no invocation ended within 30 s");
        await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage("good"));
        Assert.Equal("good", (await PredictionScenario.ReceiveJsonAsync(scenario.Results)).GetProperty("id").GetString());

        using var submitted = await process.PostAsync("/models/slow/jobs", HostedApp.SlowBody(long.MaxValue));
        await process.WaitForOutputAsync("Messages for model slow are given back to the queue");
        Assert.Equal("queued", (await process.GetAsync($"{submitted.Headers.Location}")).GetProperty("status").GetString());
        using var cancelled = await process.Client.DeleteAsync(submitted.Headers.Location);
        Assert.Equal("cancelled", (await HostedApp.ReadAsync(cancelled)).GetProperty("status").GetString());
        Assert.Equal("cancelled", (await PredictionScenario.ReceiveJsonAsync(scenario.Results)).GetProperty("status").GetString());
    }
}
