using System.Diagnostics;
using Xunit.Abstractions;

namespace Inference.Tests.Batching;

/// <summary>
/// Explores schedules of real predictions with Microsoft Coyote. Coyote rewrites the assemblies that it runs, so it runs in a process of
/// its own.
/// </summary>
public sealed class SystematicTests(ITestOutputHelper output)
{
    /// <summary>
    /// The number of schedules of each scenario. A second run explores other schedules, because Coyote starts each run with a new random
    /// number. So many runs with few schedules find the same faults as few runs with many schedules, and each run takes about a minute.
    /// </summary>
    private const int Iterations = 40;

    [Fact(Timeout = 1_800_000)]
    public async Task CallersCancelAndModelsAreEvictedAndReloaded_NoScheduleFails()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "systematic", "Inference.Systematic.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, $"{Iterations}"]) { RedirectStandardOutput = true })!;

        var report = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        output.WriteLine(report);
        Assert.Equal(0, process.ExitCode);
        Assert.Contains($"PreparationScenario: {Iterations} schedules of {Iterations} explored.", report, StringComparison.Ordinal);
        Assert.Contains($"LifecycleScenario: {Iterations} schedules of {Iterations} explored.", report, StringComparison.Ordinal);
    }
}
