using Xunit.Abstractions;

namespace Inference.Tests.Batching;

/// <summary>A model with runs of 10 ms on two slots, which can serve 200 requests/s, on simulated time.</summary>
public sealed class OverloadTests(ITestOutputHelper output)
{
    private const double Capacity = 200;
    private static readonly TimeSpan RunTime = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(0.1);

    [Theory]
    [InlineData(1.5)]
    [InlineData(10)]
    public void LastingOverload_TheAcceptedStayFastAndTheSlotsBusy(double load)
    {
        using var scenario = new QueueScenario(slots: 2, maxBatch: 1);
        var unloaded = Simulate(scenario, 0.2 * Capacity, seconds: 5);
        // The queue needs the longest wait of a burst to detect the overload. After 40 s, the trials that admit more requests are rare.
        Simulate(scenario, load * Capacity, seconds: 40);

        var loaded = Simulate(scenario, load * Capacity, seconds: 20);

        output.WriteLine($"p99 {unloaded.P99} -> {loaded.P99} ms, {loaded.Served} served, {loaded.Refused} refused");
        Assert.Equal(0, unloaded.Refused);
        Assert.True(loaded.P99 <= 3 * unloaded.P99);
        Assert.InRange(loaded.Served, 0.95 * Capacity * 20, 1.05 * Capacity * 20);
    }

    [Fact]
    public void SuddenOverload_HardlyAnyOfTheAcceptedAreLate()
    {
        using var scenario = new QueueScenario(slots: 2, maxBatch: 1);
        var unloaded = Simulate(scenario, 0.2 * Capacity, seconds: 5);

        var loaded = Simulate(scenario, 10 * Capacity, seconds: 25);

        output.WriteLine(
            $"p99 {unloaded.P99} -> {loaded.P99} ms, longest {loaded.Longest} ms, {loaded.Served} served, {loaded.Refused} refused");
        Assert.True(loaded.P99 <= 3 * unloaded.P99);
        // The overload counts as a burst until the queue is full and requests have been refused for 25 ms. The longest wait is from that
        // time.
        Assert.InRange(loaded.Longest, 0, 200);
        Assert.InRange(loaded.Served, 0.95 * Capacity * 25, 1.05 * Capacity * 25);
    }

    /// <summary>Load generators retry at once, and so do programs that ignore Retry-After.</summary>
    [Fact]
    public void AfterAnOverload_FewCallersThatRetryAtOnce_AreAllServedSoon()
    {
        using var scenario = new QueueScenario(slots: 2, maxBatch: 1);
        Simulate(scenario, 10 * Capacity, seconds: 0.8);

        var after = Simulate(scenario, 0, seconds: 5, retrying: 16);

        Assert.InRange(after.LastRefusal, 0, 2);
        Assert.InRange(after.Served, 0.95 * Capacity * 5, 1.05 * Capacity * 5);
    }

    [Fact]
    public void AfterAnOverload_AfterASecondNoRequestIsRefusedOrLate()
    {
        using var scenario = new QueueScenario(slots: 2, maxBatch: 1);
        Simulate(scenario, 10 * Capacity, seconds: 5);
        Simulate(scenario, 0.5 * Capacity, seconds: 1);

        var after = Simulate(scenario, 0.5 * Capacity, seconds: 10);

        Assert.Equal(0, after.Refused);
        Assert.True(after.P99 <= 3 * RunTime.TotalMilliseconds);
    }

    [Fact]
    public void ThrowIfOverloaded_RefusesOnlyInAnOverloadWhileSlotsAreBusy()
    {
        using var scenario = new QueueScenario(slots: 2, maxBatch: 1);
        scenario.Queue.ThrowIfOverloaded();
        Simulate(scenario, 10 * Capacity, seconds: 1);
        scenario.Call(0);

        Assert.Equal(InferenceError.Overloaded, Assert.Throws<InferenceException>(scenario.Queue.ThrowIfOverloaded).Error);

        scenario.Finish();
        scenario.Queue.ThrowIfOverloaded();
        Simulate(scenario, 0.1 * Capacity, seconds: 1);
        scenario.Call(0);
        scenario.Call(1);
        scenario.Queue.ThrowIfOverloaded();
    }

    [Fact]
    public void Burst_ThatASecondServes_IsNotRefused()
    {
        using var scenario = new QueueScenario(slots: 2, maxBatch: 1);
        Simulate(scenario, 0.9 * Capacity, seconds: 5);

        for (var i = 0; i < 150; i++)
            scenario.Call(i);
        var after = Simulate(scenario, 0.1 * Capacity, seconds: 5);

        Assert.Equal(0, after.Refused);
        Assert.All(scenario.Callers, caller => Assert.True(caller.IsServed));
    }

    /// <param name="rate">The number of requests per second of callers who do not retry.</param>
    /// <param name="retrying">The number of callers who send a request as soon as their last request was served or refused.</param>
    private static Outcome Simulate(QueueScenario scenario, double rate, double seconds, int retrying = 0)
    {
        var random = new Random(1);
        var started = new Dictionary<Caller, DateTimeOffset>();
        var ends = new Dictionary<SteppedSession.Run, DateTimeOffset>();
        var (latencies, refused, lastRefusal) = (new List<double>(), 0, 0.0);
        var begin = scenario.Time.GetUtcNow();
        var end = begin + TimeSpan.FromSeconds(seconds);
        for (var now = scenario.Time.GetUtcNow(); now < end; now = scenario.Time.GetUtcNow())
        {
            foreach (var (run, _) in ends.Where(run => run.Value <= now).ToList())
            {
                ends.Remove(run);
                run.End();
            }

            if (random.NextDouble() < rate * Tick.TotalSeconds)
                started.Add(scenario.Call(started.Count), now);
            while (started.Count < retrying)
                started.Add(scenario.Call(started.Count), now);
            scenario.StartAll();
            foreach (var run in scenario.Session.Running.Where(run => !ends.ContainsKey(run)).ToList())
                ends.Add(run, now + RunTime);
            foreach (var (caller, since) in started.Where(caller => caller.Key.Response.IsCompleted).ToList())
            {
                if (caller.IsServed)
                    latencies.Add((now - since).TotalMilliseconds);
                else
                    (refused, lastRefusal) = (refused + 1, (now - begin).TotalSeconds);
                started.Remove(caller);
            }

            scenario.Time.Advance(Tick);
        }

        latencies.Sort();
        return new Outcome(latencies[(int)(0.99 * latencies.Count)], latencies[^1], latencies.Count, refused, lastRefusal);
    }

    /// <summary>
    /// The latencies of the served requests in milliseconds, the numbers of requests, and the time of the last refusal in seconds.
    /// </summary>
    private sealed record Outcome(double P99, double Longest, int Served, int Refused, double LastRefusal);
}
