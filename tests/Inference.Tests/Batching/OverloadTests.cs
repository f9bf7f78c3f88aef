using Xunit.Abstractions;

namespace Inference.Tests.Batching;

/// <summary>A model of 10 ms a run on two slots, which can do 200 requests/s, on simulated time.</summary>
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
        // Finding out that it is not a burst may take as long as a burst may wait.
        Simulate(scenario, load * Capacity, seconds: 4);

        var loaded = Simulate(scenario, load * Capacity, seconds: 20);

        output.WriteLine($"p99 {unloaded.P99} -> {loaded.P99} ms, {loaded.Served} served, {loaded.Refused} refused");
        Assert.Equal(0, unloaded.Refused);
        Assert.True(loaded.P99 <= 3 * unloaded.P99);
        Assert.InRange(loaded.Served, 0.95 * Capacity * 20, 1.05 * Capacity * 20);
    }

    [Fact]
    public void AfterAnOverload_WithinASecondNobodyIsRefusedOrLate()
    {
        using var scenario = new QueueScenario(slots: 2, maxBatch: 1);
        Simulate(scenario, 10 * Capacity, seconds: 5);
        Simulate(scenario, 0.5 * Capacity, seconds: 1);

        var after = Simulate(scenario, 0.5 * Capacity, seconds: 10);

        Assert.Equal(0, after.Refused);
        Assert.True(after.P99 <= 3 * RunTime.TotalMilliseconds);
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

    private static (double P99, int Served, int Refused) Simulate(QueueScenario scenario, double rate, double seconds)
    {
        var random = new Random(1);
        var started = new Dictionary<Caller, DateTimeOffset>();
        var ends = new Dictionary<SteppedSession.Run, DateTimeOffset>();
        var (latencies, refused) = (new List<double>(), 0);
        var end = scenario.Time.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        for (var now = scenario.Time.GetUtcNow(); now < end; now = scenario.Time.GetUtcNow())
        {
            foreach (var (run, _) in ends.Where(run => run.Value <= now).ToList())
            {
                ends.Remove(run);
                run.End();
            }

            if (random.NextDouble() < rate * Tick.TotalSeconds)
                started.Add(scenario.Call(started.Count), now);
            scenario.StartAll();
            foreach (var run in scenario.Session.Running.Where(run => !ends.ContainsKey(run)).ToList())
                ends.Add(run, now + RunTime);
            foreach (var (caller, since) in started.Where(caller => caller.Key.Answer.IsCompleted).ToList())
            {
                if (caller.IsServed)
                    latencies.Add((now - since).TotalMilliseconds);
                else
                    refused++;
                started.Remove(caller);
            }

            scenario.Time.Advance(Tick);
        }

        latencies.Sort();
        return (latencies[(int)(0.99 * latencies.Count)], latencies.Count, refused);
    }
}
