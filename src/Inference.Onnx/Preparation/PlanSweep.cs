using Inference.Compute;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Finds out how a model runs best by running it: on all slots at once, as it will under load, and alone, in turns so short that what
/// waits meanwhile hardly notices.
/// </summary>
internal sealed class PlanSweep(Governor governor, CancellationToken stop)
{
    /// <summary>
    /// A larger batch makes all its items wait for each other, so it must make this much more of them a second; and more threads of a run alone.
    /// </summary>
    private const double Gain = 1.1;

    /// <summary>More threads make runs compete; so much of their predictions must be left where they are on all slots.</summary>
    private const double Kept = 0.85;

    /// <summary>Of computing, for the sizes and for each comparison: less than two loads of a small model.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(300);

    /// <summary>Of one turn, unless one run takes longer.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(2);

    /// <summary>Of each size; the fastest counts, since whatever else the machine does only slows a run down.</summary>
    private const int Turns = 4;

    /// <summary>Of two sessions compared, which differ by less than sizes do: more, to meet a quiet moment of the machine.</summary>
    private const int TurnsCompared = 16;

    /// <summary>A run of less gains nothing by another thread, which takes some of that to wake.</summary>
    internal static readonly TimeSpan ShortRun = TimeSpan.FromMicroseconds(500);

    private BatchTime _one;
    private BatchTime _best;

    /// <summary>In place of runs, how long they took: for tests, of machines that others use.</summary>
    internal Func<OnnxSession, BatchTime, (TimeSpan Run, TimeSpan All)>? Told { get; init; }

    /// <summary>
    /// The largest of the sizes that each made at least 10 % more items a second than the best before it: 1 where batching slows the
    /// model down. A size that was not measured, because its runs would take too long, is not taken.
    /// </summary>
    public static BatchTime Choose(IEnumerable<BatchTime> times)
    {
        var best = default(BatchTime);
        foreach (var time in times.OrderBy(time => time.Items))
        {
            if (best.Items == 0 || time.ItemsPerSecond >= best.ItemsPerSecond * Gain)
                best = time;
        }

        return best;
    }

    /// <summary>Gives the session the batch size that suits it; false, and the default, for a model of which made-up inputs tell nothing.</summary>
    public async Task<bool> ChooseBatchAsync(OnnxSession session)
    {
        if (!SampleInputs.ArePredictable(session.Signature))
            return false;
        try
        {
            var times = await TimeSizesAsync(session).ConfigureAwait(false);
            (_one, _best) = (times[0], Choose(times));
        }
        catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
        {
            return false;
        }

        session.Plan = session.Plan with { MaxBatch = _best.Items };
        return true;
    }

    /// <summary>
    /// Gives a session, whose batch size was chosen, twice as many threads a run again and again, up to as many as there are slots, while that
    /// makes a run alone a tenth faster and leaves 85 % of the predictions where runs are on all slots.
    /// </summary>
    /// <param name="open">Another session of the model, with so many threads.</param>
    public async Task ChooseThreadsAsync(OnnxSession session, Func<int, Task<OnnxSession>> open)
    {
        for (var threads = 2 * session.Plan.Threads; threads <= governor.Slots && _one.Run >= ShortRun; threads *= 2)
        {
            var wider = await open(threads).ConfigureAwait(false);
            await using (wider.ConfigureAwait(false))
            {
                wider.Plan = session.Plan;
                if (await GainAsync(session, wider, items: 1, atOnce: 1).ConfigureAwait(false) < Gain
                    || await GainAsync(session, wider, _best.Items, governor.Slots).ConfigureAwait(false) < Kept)
                {
                    return;
                }

                session.Exchange(wider);
            }
        }
    }

    /// <summary>The sizes go by turns: what slows the machine down for a moment, or makes the first runs slow, then meets them all.</summary>
    private async Task<List<BatchTime>> TimeSizesAsync(OnnxSession session)
    {
        var times = new List<BatchTime>();
        var left = Budget;
        for (var items = 1; items <= ExecutionPlan.Default.MaxBatch && (items == 1 || IsWithin(left, times)); items *= 2)
        {
            times.Add(new BatchTime(items, TimeSpan.MaxValue, governor.Slots));
            left -= await TakeTurnAsync(session, times, times.Count - 1).ConfigureAwait(false);
        }

        for (var turn = 1; turn < Turns; turn++)
        {
            for (var size = 0; size < times.Count && left > TimeSpan.Zero; size++)
                left -= await TakeTurnAsync(session, times, size).ConfigureAwait(false);
        }

        return times;
    }

    /// <summary>Whether a size more can have all its turns, and those before it theirs: twice the items take at most about twice as long.</summary>
    private static bool IsWithin(TimeSpan left, List<BatchTime> times) =>
        ((Turns - 1) * TimeSpan.FromTicks(times.Sum(time => time.Run.Ticks))) + (Turns * 2 * times[^1].Run) <= left;

    private async Task<TimeSpan> TakeTurnAsync(OnnxSession session, List<BatchTime> times, int size)
    {
        var inputs = SampleInputs.Create(session.Signature, times[size].Items)!;
        try
        {
            var (run, all) = await TimeAsync(session, times[size], inputs).ConfigureAwait(false);
            if (run < times[size].Run)
                times[size] = times[size] with { Run = run };
            return all;
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    /// <summary>How many times the predictions of one session another makes, the fastest of their turns compared.</summary>
    private async Task<double> GainAsync(OnnxSession session, OnnxSession other, int items, int atOnce)
    {
        var of = new List<BatchTime> { new(items, TimeSpan.MaxValue, atOnce), new(items, TimeSpan.MaxValue, atOnce) };
        var left = Budget;
        for (var turn = 0; turn < TurnsCompared && left > TimeSpan.Zero; turn++)
        {
            left -= await TakeTurnAsync(session, of, 0).ConfigureAwait(false);
            left -= await TakeTurnAsync(other, of, 1).ConfigureAwait(false);
        }

        return of[1].ItemsPerSecond / of[0].ItemsPerSecond;
    }

    private Task<(TimeSpan Run, TimeSpan All)> TimeAsync(OnnxSession session, BatchTime what, Tensor[] inputs) =>
        governor.RunAsync(() => Told?.Invoke(session, what) ?? Time(session, inputs, what.AtOnce), governor.Slots, stop);

    /// <summary>How long a run takes beside so many others, on average, and all of them together.</summary>
    private (TimeSpan Run, TimeSpan All) Time(OnnxSession session, Tensor[] inputs, int atOnce)
    {
        if (atOnce == 1)
            return session.Time(inputs, Turn, stop);
        using var start = new Barrier(atOnce);
        var runs = new Task<(TimeSpan Run, TimeSpan All)>[atOnce];
        for (var i = 0; i < atOnce; i++)
        {
            runs[i] = Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(CancellationToken.None);
                    return session.Time(inputs, Turn, stop);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }

        // Not before all have ended: the inputs are theirs until then.
        Task.WhenAll(runs).GetAwaiter().GetResult();
        return (TimeSpan.FromTicks((long)runs.Average(run => run.Result.Run.Ticks)), runs.Max(run => run.Result.All));
    }
}
