using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Measures turns with runs of the session: see <see cref="MeasureTurn"/>.</summary>
internal static class TurnMeasurement
{
    /// <summary>
    /// The length of a turn, without its first run. If the first run takes much longer than this length, no further run follows.
    /// </summary>
    private static readonly TimeSpan TurnLength = TimeSpan.FromMilliseconds(2);

    /// <inheritdoc cref="MeasureTurn"/>
    public static (TimeSpan RunTime, TimeSpan TotalTime) Measure(
        OnnxSession session, Tensor[] inputs, BatchTime size, CancellationToken cancellationToken)
    {
        var concurrentRuns = size.ConcurrentRuns;
        if (concurrentRuns == 1)
            return session.MeasureRunTime(inputs, TurnLength, cancellationToken);
        using var start = new Barrier(concurrentRuns);
        var runs = new Task<(TimeSpan RunTime, TimeSpan TotalTime)>[concurrentRuns];
        var startedCount = 0;
        try
        {
            for (; startedCount < concurrentRuns; startedCount++)
            {
                runs[startedCount] = Task.Factory.StartNew(
                    () =>
                    {
                        start.SignalAndWait(CancellationToken.None);
                        return session.MeasureRunTime(inputs, TurnLength, cancellationToken);
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
            }
        }
        catch (TaskSchedulerException)
        {
            // The process cannot start another thread. The started threads must not wait for the missing threads.
            start.RemoveParticipants(concurrentRuns - startedCount);
            Task.WaitAll(runs[..startedCount], CancellationToken.None);
            throw;
        }

        // The wait is not cancelled, because the inputs must stay valid until all runs have ended.
        Task.WhenAll(runs).GetAwaiter().GetResult();
        return (TimeSpan.FromTicks((long)runs.Average(run => run.Result.RunTime.Ticks)), runs.Max(run => run.Result.TotalTime));
    }
}
