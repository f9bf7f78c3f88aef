using System.Diagnostics;
using Inference;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>
/// Ends the process when its shutdown takes too long. Native code of ONNX Runtime that ignores its cancellation cannot be stopped in any
/// other way.
/// </summary>
internal sealed class ShutdownLimit(IHostApplicationLifetime lifetime, EngineStatus engine) : IHostedService
{
    /// <summary>The time limit for requests in flight. The worker has the same limit, after which it cancels the requests.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time limit for the rest of the shutdown. After half of this limit, the engine abandons cancelled work that has not ended.
    /// </summary>
    private static readonly TimeSpan RestLimit = TimeSpan.FromSeconds(10);

    /// <summary>The exit code after the limit: EX_SOFTWARE of sysexits.h, a fault of the program.</summary>
    public const int ExitCode = 70;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(StartTimer);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void StartTimer() => new Thread(ExitAfterLimit) { IsBackground = true, Name = "shutdown limit" }.Start();

    /// <summary>Waits on a separate thread, because a blocked thread pool may be the reason for the slow shutdown.</summary>
    private void ExitAfterLimit()
    {
        var started = Stopwatch.GetTimestamp();
        lifetime.ApplicationStopped.WaitHandle.WaitOne(RequestLimit);
        using var rest = new ManualResetEventSlim();
        rest.Wait(RestLimit);
        var abandoned = engine.AbandonedWork;
        var busySlots = engine.Slots - engine.FreeSlots + engine.LentSlots;
        var work = abandoned.Count > 0 ? string.Join(", ", abandoned)
            : busySlots > 0 ? $"runs on {Counted.Text(busySlots, "compute slot")}"
            : "work outside the models";
        Console.Error.WriteLine(
            $"The process ends with exit code {ExitCode}, because work has not ended {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s "
            + $"after the shutdown began: {work}.");
        ProcessExit.ExitNow(ExitCode);
    }
}
