using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

namespace Inference.Systematic;

/// <summary>Runs a scenario under one schedule after another.</summary>
internal static class Exploration
{
    /// <param name="iterations">The number of schedules.</param>
    /// <returns>False when a schedule fails an assertion, throws or deadlocks.</returns>
    public static bool Run(string scenario, Func<Task> run, uint iterations)
    {
        var configuration =
            Configuration.Create().WithTelemetryEnabled(false).WithTestingIterations(iterations).WithMaxSchedulingSteps(5000);
        using var engine = TestingEngine.Create(configuration, run);
        engine.Run();
        Console.WriteLine(
            $"{scenario}: {engine.TestReport.NumOfExploredFairPaths + engine.TestReport.NumOfExploredUnfairPaths} schedules "
            + $"of {iterations} explored.");
        Console.WriteLine(engine.GetReport());
        foreach (var bug in engine.TestReport.BugReports)
            Console.WriteLine(bug);
        return engine.TestReport.NumOfFoundBugs == 0;
    }
}
