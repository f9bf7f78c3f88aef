using Inference.Models.Settings;
using Inference.Testing;

namespace Inference.Onnx.Tests;

/// <summary>The test does not run in parallel with others, because it examines the threads of the whole process.</summary>
[Collection(nameof(HelperThreadsTests))]
[CollectionDefinition(nameof(HelperThreadsTests), DisableParallelization = true)]
public sealed class HelperThreadsTests(OnnxFixture onnx) : IClassFixture<OnnxFixture>
{
    private const string BatchPolicy = "3";
    private const string Nice = "3";

    [LinuxTheory("/proc lists the threads and their scheduling.")]
    [InlineData(null, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    public async Task LoadAsync_Threads_CreatesLowPriorityHelpersUntilDisposal(int? threads, int helpers)
    {
        var session = await onnx.LoadAsync("heavy", new ExecutionSettings { Threads = threads });
        using var input = OnnxFixture.Floats(new(1, 400), new float[400]);

        foreach (var output in await session.RunAsync([input], [0], CancellationToken.None))
            output.Dispose();

        // Each helper sets its own priority when it starts, which may be after the run.
        var expected = Enumerable.Repeat((BatchPolicy, Nice), helpers);
        SpinWait.SpinUntil(() => Helpers().SequenceEqual(expected), TimeSpan.FromMinutes(1));
        Assert.Equal(expected, Helpers());
        await session.DisposeAsync();
        // The system removes a thread a moment after the thread was joined.
        Assert.True(SpinWait.SpinUntil(() => !Helpers().Any(), TimeSpan.FromMinutes(1)), "Helpers outlived their session.");
    }

    /// <summary>Returns the scheduling policy and the niceness of each helper thread; see proc_pid_stat(5).</summary>
    private static IEnumerable<(string Policy, string Nice)> Helpers() =>
        from task in Directory.GetDirectories("/proc/self/task")
        let stat = Stat(task)
        where stat.Contains("(ONNX Runtime)", StringComparison.Ordinal)
        let fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')
        select (fields[38], fields[16]);

    private static string Stat(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "stat"));
        }
        catch (IOException)
        {
            // The thread has ended in the meantime.
            return "";
        }
    }
}
