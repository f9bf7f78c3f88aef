using System.Globalization;
using System.Text.Json;
using Functions.Tests.Host;
using Inference.Testing;
using Xunit.Abstractions;

namespace Functions.Tests.Queues.Faults;

/// <summary>
/// Tests the guarantees of docs/queues.md while servers are killed at chosen moments and the storage fails. Every test run includes the
/// short form; QUEUE_FAULT_MESSAGES=2000 runs the long form.
/// </summary>
[Collection(QueuesCollection.Name)]
public sealed class QueueFaultTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private const int Neighbours = 20;

    private static readonly int Messages = int.TryParse(
        Environment.GetEnvironmentVariable("QUEUE_FAULT_MESSAGES"), NumberStyles.None, CultureInfo.InvariantCulture, out var set)
            ? set
            : 150;

    private static readonly bool IsLong = Messages >= 1000;

    private static readonly int Kills = IsLong ? 20 : 4;

    /// <summary>
    /// The time limit for results. The leases of killed processes end after half a minute, and attempts after an outage are ten seconds
    /// apart.
    /// </summary>
    private static readonly TimeSpan Limit = IsLong ? WaitLimit.Program : WaitLimit.Step;

    [Fact]
    public async Task KillsAndOutages_EveryPredictionHasOneResultAndIsFinal()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var one = new FaultServer(scenario);
        await using var other = new FaultServer(scenario);
        FaultServer[] servers = [one, other];
        await Task.WhenAll(servers.Select(server => server.StartAsync()));
        var feed = new FaultFeed(scenario) { Servers = servers };
        var arrivals = new ResultArrivals(scenario);

        for (var kill = 0; kill < Kills; kill++)
        {
            await KillAsync(servers[kill % 2], (KillMoment)(kill % 5), feed);
            await FailAsync(kill, servers, feed);
        }

        await feed.SendAsync(Math.Max(0, Messages - feed.Sent));
        await arrivals.WaitForAsync(feed.Sent, Limit);
        await WaitUntilEmptyAsync(scenario);
        while ((await scenario.Results.PeekMessageAsync()).Value is not null)
            await arrivals.ReceiveAsync();
        await AssertAllAsync(scenario, feed, arrivals, one.Process);
    }

    /// <summary>
    /// The model crashes on one input. Each process has its own cache directory, as if the machine were replaced. So the crash journal of
    /// one process does not stop the next process from running the model. A message whose last attempt was killed is not run again: the
    /// number of crashes would be higher.
    /// </summary>
    [Fact]
    public async Task MessageThatEndsTheProcess_FailsAlone()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await scenario.Queue.SendMessageAsync("""{"id":"killer","model":"crashing","request":{"inputs":{"x":[[-2147483648]]}}}""");
        for (var i = 0; i < Neighbours; i++)
            await scenario.Queue.SendMessageAsync($$"""{"id":"n{{i}}","model":"slow","request":{{HostedApp.SlowBody(10_000)}}}""");
        // In the short form, all messages get only one more attempt.
        for (var attempt = 1; attempt < (IsLong ? 1 : 5); attempt++)
            await DeliverAsync(scenario);
        var arrivals = new ResultArrivals(scenario);

        var crashes = 0;
        while (arrivals.Predictions <= Neighbours)
        {
            using var cache = new TempFolder();
            await using var process = await scenario.StartAsync(("Models__CacheDirectory", cache.Path));
            var ended = process.WaitForExitAsync(Limit);
            while (!ended.IsCompleted && arrivals.Predictions <= Neighbours)
                await arrivals.ReceiveAsync();
            crashes += ended.IsCompletedSuccessfully ? 1 : 0;
        }

        output.WriteLine($"{crashes} crashes");
        for (var i = 0; i < Neighbours; i++)
            Assert.Contains("succeeded", Assert.Single(arrivals.Of($"n{i}")), StringComparison.Ordinal);
        Assert.Contains("interrupted", Assert.Single(arrivals.Of("killer")), StringComparison.Ordinal);
        Assert.Contains("killer", await PredictionScenario.ReceiveAsync(scenario.Failed), StringComparison.Ordinal);
        Assert.Equal(IsLong ? 5 : 1, crashes);
    }

    private static async Task KillAsync(FaultServer server, KillMoment moment, FaultFeed feed)
    {
        var killed = server.KillAsync(moment);
        for (var remaining = Messages / (Kills + 4); remaining > 0; remaining -= 6)
        {
            await feed.SendAsync(Math.Min(remaining, 6));
            if (!killed.IsCompleted)
                await Task.Delay(20);
        }

        // The other server may have processed all messages, so more are sent until the kill happens.
        while (await Task.WhenAny(killed, Task.Delay(100)) != killed)
            await feed.SendAsync(2);
        await killed;
    }

    /// <summary>
    /// Causes an outage after some kills: of the blobs for longer than all attempts of a message, of the queues, of the whole storage, or
    /// of one server.
    /// </summary>
    private async Task FailAsync(int kill, FaultServer[] servers, FaultFeed feed)
    {
        switch (kill)
        {
            case 1:
                await CloseAsync(servers, server => server.Blobs, TimeSpan.FromSeconds(IsLong ? 70 : 2), feed);
                break;
            case 8:
                await CloseAsync(servers, server => server.Queues, TimeSpan.FromSeconds(20), feed);
                break;
            case 12:
                await azurite.StopAsync();
                await Task.Delay(TimeSpan.FromSeconds(20));
                await azurite.StartAsync();
                break;
            case 16:
                await SuspendAsync(servers, TimeSpan.FromSeconds(40), feed);
                break;
        }
    }

    private static async Task CloseAsync(FaultServer[] servers, Func<FaultServer, StorageGate> gate, TimeSpan time, FaultFeed feed)
    {
        foreach (var server in servers)
            gate(server).IsOpen = false;
        feed.Servers = [];
        await feed.SendAsync(Messages / (Kills + 4));
        await Task.Delay(time);
        foreach (var server in servers)
            gate(server).IsOpen = true;
        feed.Servers = servers;
    }

    /// <summary>Suspends a server during its work for longer than its leases.</summary>
    private static async Task SuspendAsync(FaultServer[] servers, TimeSpan time, FaultFeed feed)
    {
        var (frozen, other) = (servers[0], servers[1]);
        feed.Servers = [other];
        var atWork = frozen.FreezeAsync();
        await feed.SendAsync(Messages / (Kills + 4));
        await atWork;
        await Task.Delay(time);
        frozen.Process.Resume();
        feed.Servers = servers;
    }

    private static async Task DeliverAsync(PredictionScenario scenario)
    {
        var messages = (await scenario.Queue.ReceiveMessagesAsync(32)).Value;
        Assert.Equal(Neighbours + 1, messages.Length);
        foreach (var message in messages)
            await scenario.Queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero);
    }

    private static async Task WaitUntilEmptyAsync(PredictionScenario scenario)
    {
        using var end = new CancellationTokenSource(Limit);
        foreach (var queue in (Azure.Storage.Queues.QueueClient[])[scenario.Queue, scenario.Poison])
        {
            while ((await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount > 0)
                await Task.Delay(200, end.Token);
        }
    }

    private async Task AssertAllAsync(PredictionScenario scenario, FaultFeed feed, ResultArrivals arrivals, FunctionsProcess process)
    {
        var failed = new List<string>();
        while ((await scenario.Failed.ReceiveMessagesAsync(32)).Value is { Length: > 0 } page)
            failed.AddRange(page.Select(message => PredictionScenario.Parse(message.Body.ToString()).GetProperty("id").GetString()!));
        var failures = 0;
        foreach (var id in feed.Ids)
        {
            var stored = await scenario.ReadResultAsync(id);
            Assert.Equal([stored], arrivals.Of(id));
            if (Status(PredictionScenario.Parse(stored)) == "succeeded")
                continue;
            failures++;
            Assert.Contains("\"code\":", stored, StringComparison.Ordinal);
            Assert.Contains(id, failed);
        }

        foreach (var job in feed.Jobs)
            Assert.Contains(Status(await process.GetAsync($"/jobs/{job}")), (string[])["succeeded", "failed"]);
        output.WriteLine(
            $"{feed.Sent} predictions, {feed.Jobs.Count()} of them jobs; {Kills} kills; {arrivals.Total} result messages; "
            + $"{failures} failed results; {failed.Count} messages in the queue of failed messages.");
    }

    private static string Status(JsonElement json) => json.GetProperty("status").GetString()!;
}
