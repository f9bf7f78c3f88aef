using Functions.Tests.Queues.Faults;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests the guarantee that every message has one right result, although processes are killed and the storage stops.</summary>
[Collection(QueuesCollection.Name)]
public sealed class CrashTests(AzuriteFixture azurite)
{
    private const int Messages = 1000;

    [Fact]
    public async Task Killed5TimesWhileItWorks_LosesAndDoublesNothing()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await SendAsync(scenario);
        var arrivals = new ResultArrivals(scenario);
        var random = new Random(4);

        var process = await scenario.StartAsync();
        for (var kill = 0; kill < 5; kill++)
        {
            // Kills the process at a random moment of its work.
            await arrivals.WaitForAsync((kill * 100) + random.Next(20, 90), WaitLimit.Step);
            await process.DisposeAsync();
            process = await scenario.StartAsync();
        }

        await using (process)
            await arrivals.WaitForAsync(Messages, WaitLimit.Step);
        await AssertAllRightAsync(scenario, arrivals);
    }

    [Fact]
    public async Task StorageStoppedWhileTwoProcessesWork_TheyShareTheWorkAndLoseAndDoubleNothing()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await SendAsync(scenario);
        var arrivals = new ResultArrivals(scenario);

        // A process that started first might end all messages before the other one has started.
        Task<FunctionsProcess>[] starts = [scenario.StartAsync(), scenario.StartAsync()];
        await using var one = await starts[0];
        await using var other = await starts[1];
        foreach (var count in (int[])[100, 400])
        {
            await arrivals.WaitForAsync(count, WaitLimit.Step);
            await azurite.StopAsync();
            await azurite.StartAsync();
        }

        await arrivals.WaitForAsync(Messages, WaitLimit.Step);
        await AssertAllRightAsync(scenario, arrivals);
        foreach (var process in (FunctionsProcess[])[one, other])
            Assert.Contains("Model fixed_batch/1 loaded", process.Output, StringComparison.Ordinal);
    }

    private static Task SendAsync(PredictionScenario scenario) => Parallel.ForAsync(
        0,
        Messages,
        new ParallelOptions { MaxDegreeOfParallelism = 16 },
        async (i, token) => await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage($"m{i}", i), token));

    private static async Task AssertAllRightAsync(PredictionScenario scenario, ResultArrivals arrivals)
    {
        var names = scenario.Container.GetBlobs().Select(blob => blob.Name).Order().ToList();
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"m{i}.json").Order(), names);
        await Parallel.ForAsync(0, Messages, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            var expected =
                $$$"""{"id":"m{{{i}}}","model":"fixed_batch","version":1,"status":"succeeded","result":{"model":"fixed_batch","version":1,"predictions":[[{{{2 * i}}},{{{2 * i}}},{{{2 * i}}},{{{2 * i}}}]]}}""";
            Assert.Equal(expected, await scenario.ReadResultAsync($"m{i}"));
            Assert.Equal([expected], arrivals.Of($"m{i}"));
        });
        Assert.Null((await scenario.Poison.PeekMessageAsync()).Value);
    }
}
