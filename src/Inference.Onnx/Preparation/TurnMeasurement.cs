using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Measures turns with real runs.</summary>
internal static class TurnMeasurement
{
    /// <summary>The length of a turn, after its first run. A run that takes much longer is the only run of its turn.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(2);

    /// <inheritdoc cref="MeasureTurn"/>
    public static (TimeSpan Run, TimeSpan All) Measure(OnnxSession session, Tensor[] inputs, BatchTime size, CancellationToken end)
    {
        var atOnce = size.ConcurrentRuns;
        if (atOnce == 1)
            return session.MeasureRunTime(inputs, Turn, end);
        using var start = new Barrier(atOnce);
        var runs = new Task<(TimeSpan Run, TimeSpan All)>[atOnce];
        for (var i = 0; i < atOnce; i++)
        {
            runs[i] = Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(CancellationToken.None);
                    return session.MeasureRunTime(inputs, Turn, end);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }

        // The wait is not cancelled, because the inputs must stay valid until all runs have ended.
        Task.WhenAll(runs).GetAwaiter().GetResult();
        return (TimeSpan.FromTicks((long)runs.Average(run => run.Result.Run.Ticks)), runs.Max(run => run.Result.All));
    }
}
