using Inference.Batching;
using Inference.Models.Contracts;

namespace Inference.Tests.Batching;

/// <summary>After some joined runs, an audit runs one part again alone. Two different results end the contract.</summary>
public sealed class BatchAuditTests
{
    [Fact]
    public void Run_ItemsDependOnEachOther_EndsTheContractWithTheSecondDifference()
    {
        using var sut = new QueueScenario();
        sut.Session.Mix = static (x, all) => x + (0.001f * all.Average());

        Join(sut, 1, 2);
        Assert.Null(sut.Contract.Violation);
        Join(sut, 3, 5);

        Assert.Equal("Output \"y\" of 1 item was 3.004 at [0,0] in a run with 1 more, and was 3.003 at [0,0] in a run alone.",
            sut.Contract.Violation);
        Assert.Equal((2, 2, 0), Count(sut.Contract.Record));
        sut.Call(0);
        sut.StartAll();
        sut.Call(1);
        sut.Call(2);
        sut.Finish();
        Assert.Equal([1, 1, 1], sut.Session.Runs[^3..]);
        TakeAll(sut);
    }

    [Fact]
    public void Run_ItemsAreIndependent_TheContractHolds()
    {
        using var sut = new QueueScenario();

        for (var i = 0; i < 10; i++)
            Join(sut, i, i + 0.5f);

        Assert.Null(sut.Contract.Violation);
        Assert.Equal((10, 0, 0), Count(sut.Contract.Record));
    }

    /// <summary>
    /// A random model's results also differ when a part runs alone twice, so a difference does not show that items depend on each other.
    /// </summary>
    [Fact]
    public void Run_ResultsAreRandom_TheContractHolds()
    {
        using var sut = new QueueScenario();
        var random = new Random(1);
        sut.Session.Mix = (_, _) => random.NextSingle();

        for (var i = 0; i < 10; i++)
            Join(sut, 1, 2);
        TakeAll(sut);

        Assert.Null(sut.Contract.Violation);
    }

    [Fact]
    public void Run_AfterTheFirstAudits_TakesAHundredthOfTheTime()
    {
        using var sut = new QueueScenario { AuditsAreSteps = true };

        for (var i = 0; i < 500; i++)
        {
            Join(sut, 1, 2, run: TimeSpan.FromMilliseconds(100));
            while (sut.Granted.Count > 0)
            {
                sut.Start();
                sut.Time.Advance(TimeSpan.FromMilliseconds(50));
                sut.EndRun();
            }
        }

        // Each round has two runs besides the audits. A hundredth of the 50 s of joined runs is enough for 10 audits of 50 ms.
        Assert.InRange(sut.Session.Runs.Count - (2 * 500), 10, 11);
    }

    [Fact]
    public void Run_Audit_RunsAfterTheResponsesAndDelaysNoRequest()
    {
        using var sut = new QueueScenario(slots: 2) { AuditsAreSteps = true };
        Join(sut, 1, 2, run: TimeSpan.FromMilliseconds(1));
        Assert.All(sut.Callers, caller => Assert.True(caller.IsServed));
        Assert.IsType<BatchAudit>(Assert.Single(sut.Granted).Client);

        // Another slot is free for a request.
        var other = sut.Call(7);
        if (sut.Granted.Count > 1)
            sut.Start(1);
        sut.EndRun();

        Assert.True(other.IsServed);
    }

    [Fact]
    public void Run_ModelIsUnloadedFirst_TheAuditIsDropped()
    {
        using var sut = new QueueScenario { AuditsAreSteps = true };
        Join(sut, 1, 2);
        var runs = sut.Session.Runs.Count;

        sut.Close();
        sut.AwaitEnd();
        sut.Start();

        Assert.Equal(runs, sut.Session.Runs.Count);
    }

    [Fact]
    public void Run_PartFailsAlone_ProvesNothingAndIsCounted()
    {
        using var sut = new QueueScenario { AuditsAreSteps = true };
        Join(sut, 1, 2);
        sut.Start();
        sut.Session.Running[0].Fail();
        Join(sut, 1, 2);
        sut.Start();
        sut.Session.Running[0].Fail();

        Assert.Equal(2, sut.Contract.Record.FailedAudits);
        Assert.Null(sut.Contract.Violation);
    }

    /// <summary>Makes two requests share a run.</summary>
    private static (long All, long Different, long Failed) Count(ContractRecord record) =>
        (record.Audits, record.Differences, record.FailedAudits);

    private static void Join(QueueScenario scenario, float first, float second, TimeSpan run = default)
    {
        while (scenario.Governor.FreeSlots > 0)
        {
            scenario.Call(0);
            scenario.StartAll();
        }

        var before = scenario.Session.Running.Count;
        scenario.Call(first);
        scenario.Call(second);
        scenario.EndRun();
        scenario.Start();
        while (--before > 0)
            scenario.EndRun();
        scenario.Time.Advance(run);
        scenario.EndRun();
    }

    /// <summary>Takes the results, so that the callers do not compare them with the model's usual results.</summary>
    private static void TakeAll(QueueScenario scenario)
    {
        foreach (var caller in scenario.Callers)
            caller.TakeResponse();
    }
}
