using FsCheck.Xunit;
using Inference.Batching;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Xunit.Abstractions;

namespace Inference.Tests.Batching;

/// <summary>
/// Simulates arrivals, cancellations, granted threads and ends of runs in any order, one step at a time. Real threads can produce these
/// orders between the locks of the queue and the governor. <see cref="Caller"/> and <see cref="QueueScenario"/> check the results and the
/// state at the end.
/// </summary>
public sealed class BatchQueueSimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2000;

    /// <summary>Layouts that only a proof can find.</summary>
    private static readonly BatchLayout[] Layouts = [new([0], [0, 0]), new([1], [0, 1]), new([1, BatchLayout.Shared], [1, 0]),
        new([0, BatchLayout.Shared], [1, 1])];

    [Fact]
    public void AnyOrderOfSteps_EveryCallerGetsItsRowsOnceAndNothingIsLeft()
    {
        var steps = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            try
            {
                steps += Simulate(new Random(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }

        output.WriteLine($"{Seeds} seeds, {steps} steps.");
    }

    /// <summary>The same for steps that FsCheck chooses. FsCheck shrinks a failing sequence to the shortest one.</summary>
    [Property(MaxTest = 500)]
    public void AnySteps_EveryCallerGetsItsRowsOnce(byte[] steps, byte slots, byte maxBatch)
    {
        using var scenario = new QueueScenario(1 + (slots % 3), 1 + (maxBatch % 9));
        foreach (var step in steps ?? [])
            Step(scenario, step % 16, pick: step, size: step % 23, maxBatch: 1 + (maxBatch % 9));
    }

    private static int Simulate(Random random)
    {
        var maxBatch = random.Next(1, 10);
        var policy = new BatchPolicy
        {
            PreferredSizes = random.Next(4) == 0 ? [2, 4] : [],
            MaxDelay = TimeSpan.FromMilliseconds(random.Next(3) == 0 ? 5 : 0),
            QueueLimit = random.Next(3) == 0 ? 4 : 1000,
        };
        var signature = random.Next(4) == 0 ? QueueScenario.SignatureOf(layout: null, 1, -1) : null;
        var layout = signature is null && random.Next(3) == 0 ? Layouts[random.Next(Layouts.Length)] : null;
        var contract = layout is not null ? ContractChoice.Proven : random.Next(4) == 0 ? ContractChoice.None : ContractChoice.Declared;
        using var scenario =
            new QueueScenario(random.Next(1, 4), maxBatch, policy, signature, contract, layout) { AuditsAreSteps = random.Next(2) == 0 };
        scenario.Session.BatchVerdict = BatchVerdict.Pending;
        // From one step on, the outputs have a wrong number of rows. Only runs that join or split requests are affected.
        scenario.Session.IsShared = input => !scenario.Callers.Exists(caller => ReferenceEquals(caller.Input, input));
        var steps = random.Next(5, 80);
        var proven = random.Next(steps);
        var breaks = signature is null && random.Next(3) == 0 ? random.Next(steps) : steps;
        for (var i = 0; i < steps; i++)
        {
            if (i == proven && layout is not null)
                scenario.Session.BatchVerdict = BatchVerdict.Proven(layout);
            if (i == breaks)
                scenario.Session.ExtraRows = random.Next(2) == 0 ? 1 : -1;
            Step(scenario, random.Next(16), random.Next(1000), random.Next(random.Next(4) == 0 ? 40 : 5), signature is null ? maxBatch : 1);
        }

        // Ends a delay in progress.
        scenario.Time.Advance(TimeSpan.FromMilliseconds(5));
        scenario.Finish();
        Assert.All(scenario.Callers, caller => Assert.True(caller.Response.IsCompleted));
        return steps;
    }

    private static void Step(QueueScenario scenario, int step, int pick, int size, int maxBatch)
    {
        var sut = scenario;
        switch (step)
        {
            case < 6:
                var (rows, width) = (size + 1, 1 + (pick % 2));
                var values = Enumerable.Range(0, rows * width).Select(i => (float)((1000 * sut.Callers.Count) + i)).ToArray();
                if (pick % 11 == 0)
                    values[pick % values.Length] = SteppedSession.Poison;
                sut.Call(
                    values, width, outputs: 1 + (pick % 7 == 0 ? 1 : 0), priority: pick % 5 == 0 ? 1 : 0, shared: pick % 3 == 0 ? 1 : 0);
                break;
            case < 8 when sut.Callers.Count > 0:
                sut.Callers[pick % sut.Callers.Count].Cancel();
                break;
            case < 11 when sut.Granted.Count > 0:
                sut.Start(pick % sut.Granted.Count);
                break;
            case < 14 when sut.Session.Running.Count > 0:
                sut.Session.Running[pick % sut.Session.Running.Count].End();
                break;
            case 14:
                sut.Time.Advance(TimeSpan.FromMilliseconds(pick % 7));
                break;
        }

        // Requests that ran before a proof were not split.
        if (sut.Contract is { Kind: not (BatchContractKind.None or BatchContractKind.Proven), Violation: null })
            Assert.All(sut.Session.Runs, items => Assert.InRange(items, 1, maxBatch));
        Assert.True(sut.Session.Running.Count <= sut.Governor.Slots);
    }
}
