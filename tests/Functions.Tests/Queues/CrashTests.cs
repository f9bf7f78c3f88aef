using System.Collections.Concurrent;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests the guarantee that every message has one right result, although processes are killed and the storage stops.</summary>
[Collection(QueuesCollection.Name)]
public sealed class CrashTests(AzuriteFixture azurite)
{
    private const int Messages = 1000;

    /// <summary>The time limit for results. The lease of a killed process ends after half a minute.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(110);

    [Fact]
    public async Task Killed5TimesWhileItWorks_LosesAndDoublesNothing()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await SendAsync(scenario);
        var arrivals = new Arrivals(scenario);
        var random = new Random(4);

        var process = await scenario.StartAsync();
        for (var kill = 0; kill < 5; kill++)
        {
            // Kills the process at a random moment of its work.
            await arrivals.WaitForAsync((kill * 100) + random.Next(20, 90), Limit);
            await process.DisposeAsync();
            process = await scenario.StartAsync();
        }

        await using (process)
            await arrivals.WaitForAsync(Messages, Limit);
        await AssertAllRightAsync(scenario, arrivals);
    }

    [Fact]
    public async Task StorageStoppedWhileItWorks_LosesAndDoublesNothing()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await SendAsync(scenario);
        var arrivals = new Arrivals(scenario);

        await using var process = await scenario.StartAsync();
        foreach (var count in (int[])[100, 400])
        {
            await arrivals.WaitForAsync(count, Limit);
            await azurite.StopAsync();
            await azurite.StartAsync();
        }

        await arrivals.WaitForAsync(Messages, Limit);
        await AssertAllRightAsync(scenario, arrivals);
    }

    [Fact]
    public async Task TwoProcessesOnOneQueue_ShareTheWorkAndDoubleNothing()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var one = await scenario.StartAsync();
        await using var other = await scenario.StartAsync();
        var arrivals = new Arrivals(scenario);
        await SendAsync(scenario);

        await arrivals.WaitForAsync(Messages, Limit);

        await AssertAllRightAsync(scenario, arrivals);
        Assert.Equal(Messages, arrivals.Total);
        foreach (var process in (FunctionsProcess[])[one, other])
            Assert.Contains("Model fixed_batch/1 loaded", process.Output, StringComparison.Ordinal);
    }

    private static Task SendAsync(PredictionScenario scenario) => Parallel.ForAsync(
        0,
        Messages,
        new ParallelOptions { MaxDegreeOfParallelism = 16 },
        async (i, token) => await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage($"m{i}", i), token));

    private static async Task AssertAllRightAsync(PredictionScenario scenario, Arrivals arrivals)
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

    /// <summary>The different messages of the results queue, by the ids of their predictions. The same message may arrive twice.</summary>
    private sealed class Arrivals(PredictionScenario scenario)
    {
        private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _byId = new();

        public int Total { get; private set; }

        public ICollection<string> Of(string id) => _byId[id].Keys;

        public async Task WaitForAsync(int predictions, TimeSpan limit)
        {
            using var end = new CancellationTokenSource(limit);
            while (_byId.Count < predictions)
            {
                Assert.False(end.IsCancellationRequested, $"{_byId.Count} of {predictions} results came in {limit}.");
                var page = (await scenario.Results.ReceiveMessagesAsync(32)).Value;
                foreach (var text in page.Select(message => message.Body.ToString()))
                    _byId.GetOrAdd(PredictionScenario.Parse(text).GetProperty("id").GetString()!, _ => new()).TryAdd(text, true);
                Total += page.Length;
                await Task.WhenAll(page.Select(message => scenario.Results.DeleteMessageAsync(message.MessageId, message.PopReceipt)));
            }
        }
    }
}
