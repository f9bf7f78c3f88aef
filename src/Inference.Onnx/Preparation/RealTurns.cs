using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Measures turns with real runs.</summary>
internal static class RealTurns
{
    /// <summary>The length of a turn, after its first run. A run that takes much longer is the only run of its turn.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(2);

    /// <inheritdoc cref="TurnTimer"/>
    public static (TimeSpan Run, TimeSpan All) Time(OnnxSession session, Tensor[] inputs, BatchTime size, CancellationToken end)
    {
        var atOnce = size.AtOnce;
        if (atOnce == 1)
            return session.Time(inputs, Turn, end);
        using var start = new Barrier(atOnce);
        var runs = new Task<(TimeSpan Run, TimeSpan All)>[atOnce];
        for (var i = 0; i < atOnce; i++)
        {
            runs[i] = Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(CancellationToken.None);
                    return session.Time(inputs, Turn, end);
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
