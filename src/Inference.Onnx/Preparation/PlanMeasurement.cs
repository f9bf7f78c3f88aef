using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Measures the best batch size and the best number of threads for a model. The runs hold compute slots, so the measurement is divided into
/// turns of a few milliseconds, which hardly delay waiting requests. The first turn holds one slot and has a time limit. A model that is
/// fast enough is then measured on all slots, with single and with simultaneous runs. A slower model is measured on one slot only.
/// </summary>
/// <param name="measureTurn">Measures one turn.</param>
internal sealed class PlanMeasurement(TrialRuns runs, MeasureTurn measureTurn)
{
    /// <summary>
    /// The minimum factor by which a larger batch must raise the items per second, because all items of a batch wait for each other. More
    /// threads must speed up a single run by the same factor.
    /// </summary>
    private const double MinSpeedup = 1.1;

    /// <summary>
    /// The share of the throughput on all slots that must remain with more threads, because the threads of simultaneous runs compete.
    /// </summary>
    private const double MinThroughputShare = 0.85;

    /// <summary>
    /// The computing time for all batch sizes together, and also for each comparison of two sessions. This time is shorter than two loads
    /// of a small model.
    /// </summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(300);

    /// <summary>The number of turns for each size. The fastest turn counts, because other load can only slow a run down.</summary>
    private const int TurnsPerSize = 4;

    /// <summary>
    /// The number of turns for each of two compared sessions. The number is larger than <see cref="TurnsPerSize"/>, because two sessions
    /// differ less in time than two batch sizes.
    /// </summary>
    private const int TurnsPerSession = 16;

    /// <summary>
    /// The minimum number of turns of a comparison. One turn is not enough, because the first run of a new session also allocates memory,
    /// which later runs reuse.
    /// </summary>
    private const int MinComparisonTurns = 2;

    /// <summary>The run time below which another thread has no benefit, because waking the thread takes a large part of the run.</summary>
    internal static readonly TimeSpan ShortRun = TimeSpan.FromMicroseconds(500);

    /// <summary>
    /// The run time above which a model is measured on one slot only. Simultaneous runs on all slots take longer than a single run, and
    /// must still end within the limit for all slots.
    /// </summary>
    internal static readonly TimeSpan LongRun = TrialRuns.AllSlotsLimit / 2;

    private bool _isSlow;
    private BatchTime _oneItemTime;
    private BatchTime _bestTime;

    /// <summary>
    /// The positions of the items in the model's tensors. Default: the first axis of all tensors, if their first dimensions are dynamic.
    /// </summary>
    public BatchLayout? Layout { get; init; }

    /// <summary>Whether requests share runs, so that the size of a batch matters. Otherwise only runs of one item are measured.</summary>
    public bool MeasuresBatches { get; init; } = true;

    /// <summary>
    /// Returns the time of the best batch size. Sizes are compared in ascending order. A size becomes the best if it has at least 10 % more
    /// items per second than the best so far. The result has one item if batches slow the model down.
    /// </summary>
    public static BatchTime ChooseBatchTime(IEnumerable<BatchTime> times)
    {
        var best = default(BatchTime);
        foreach (var time in times.OrderBy(time => time.Items))
        {
            if (best.Items == 0 || time.ItemsPerSecond >= best.ItemsPerSecond * MinSpeedup)
                best = time;
        }

        return best;
    }

    /// <summary>
    /// Runs one item on one slot. If the run does not end in time, the session's plan is set to batches of one item. The caller must then
    /// measure nothing else.
    /// </summary>
    /// <returns>False when the run did not end in time. True also when the model cannot be measured with generated inputs.</returns>
    public async Task<bool> TryRunInTimeAsync(OnnxSession session, CancellationToken cancellationToken)
    {
        if (FindLayout(session.Signature) is null)
            return true;
        var times = new List<BatchTime> { new(1, TimeSpan.MaxValue) };
        try
        {
            if (await TakeTurnAsync(session, times, 0, onAllSlots: false, cancellationToken).ConfigureAwait(false) is null)
            {
                session.Plan = session.Plan with { MaxBatch = 1 };
                return false;
            }

            // A slow run is repeated, because a session's first run has additional costs, and the machine may be slow for a moment.
            for (var turn = 1; turn < TurnsPerSize && times[0].RunTime > LongRun; turn++)
                await TakeTurnAsync(session, times, 0, onAllSlots: false, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
        {
            return true;
        }

        (_isSlow, _oneItemTime) = (times[0].RunTime > LongRun, times[0]);
        return true;
    }

    /// <summary>
    /// Sets the measured batch size of the session. For a model that cannot be measured with generated inputs, returns false and does not
    /// change the plan.
    /// </summary>
    public async Task<bool> TryChooseBatchAsync(OnnxSession session, CancellationToken cancellationToken)
    {
        if (FindLayout(session.Signature) is null)
            return false;
        try
        {
            var times = _isSlow ? [] : await MeasureSizesAsync(session, cancellationToken).ConfigureAwait(false);
            if (times.Count > 0)
                (_oneItemTime, _bestTime) = (times[0], ChooseBatchTime(times));
            else
                // Simultaneous runs on all slots may be too slow, even if a single run is not.
                (_isSlow, _bestTime) = (true, _oneItemTime with { Items = 1 });
        }
        catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
        {
            return false;
        }

        if (MeasuresBatches)
            session.Plan = session.Plan with { MaxBatch = _bestTime.Items };
        return true;
    }

    /// <summary>Whether it is worthwhile to measure twice as many threads.</summary>
    public bool MayBenefitFromThreads(OnnxSession session) => 2 * session.Plan.Threads <= runs.Slots && _oneItemTime.RunTime >= ShortRun;

    /// <summary>
    /// Doubles the threads per run of a session whose batch size was chosen, repeatedly and up to the number of slots. Each step must raise
    /// the throughput of a single run by a tenth, and must leave 85 % of the throughput on all slots.
    /// </summary>
    /// <param name="open">Opens another session of the model with the given number of threads.</param>
    public async Task ChooseThreadsAsync(OnnxSession session, Func<int, Task<OnnxSession>> open, CancellationToken cancellationToken)
    {
        while (MayBenefitFromThreads(session))
        {
            var wider = await open(2 * session.Plan.Threads).ConfigureAwait(false);
            await using (wider.ConfigureAwait(false))
            {
                wider.Plan = session.Plan;
                if (!await IsBetterAsync(session, wider, cancellationToken).ConfigureAwait(false))
                    return;
                session.ExchangeNativeSessions(wider);
            }
        }
    }

    /// <summary>Returns the layout of the items; null for a model that cannot be measured with generated inputs.</summary>
    private BatchLayout? FindLayout(ModelSignature signature)
    {
        var layout = Layout ?? (signature.ItemAxis == ItemAxis.Dynamic ? BatchLayout.FromFirstAxis(signature) : null);
        return layout is not null && GeneratedInputs.AreRepresentative(signature, layout) ? layout : null;
    }

    /// <param name="wider">A session of the same model with twice as many threads.</param>
    private async Task<bool> IsBetterAsync(OnnxSession session, OnnxSession wider, CancellationToken cancellationToken)
    {
        var singleSpeedup = await MeasureSpeedupAsync(session, wider, items: 1, concurrentRuns: 1, cancellationToken).ConfigureAwait(false);
        if (singleSpeedup < MinSpeedup)
            return false;
        // Let s be the speedup of one run. The run holds twice the threads for 1/s of the time, so it costs at most 2/s times the
        // processor time. With all slots busy, at least s/2 of the throughput remains.
        var throughputShare = _isSlow ? singleSpeedup / 2
            : await MeasureSpeedupAsync(session, wider, _bestTime.Items, runs.Slots, cancellationToken).ConfigureAwait(false);
        return throughputShare >= MinThroughputShare;
    }

    /// <summary>
    /// Measures the batch sizes alternately: one turn of each size, then the next turn of each size. So a slow moment of the machine
    /// affects one turn of all sizes, and not all turns of one size.
    /// </summary>
    /// <returns>The times; empty when runs on all slots exceed the time limit even with one item.</returns>
    private async Task<List<BatchTime>> MeasureSizesAsync(OnnxSession session, CancellationToken cancellationToken)
    {
        var times = new List<BatchTime>();
        var remaining = Budget;
        for (var items = 1; items <= (MeasuresBatches ? ExecutionPlan.Default.MaxBatch : 1)
            && (items == 1 || FitsInTime(remaining, times)); items *= 2)
        {
            times.Add(new BatchTime(items, TimeSpan.MaxValue, runs.Slots));
            var elapsed = await TakeTurnAsync(session, times, times.Count - 1, onAllSlots: true, cancellationToken).ConfigureAwait(false);
            // The turn of the first size is repeated, so that a slow moment of the machine does not make the whole model count as slow.
            if (elapsed is null && items == 1)
                elapsed = await TakeTurnAsync(session, times, 0, onAllSlots: true, cancellationToken).ConfigureAwait(false);
            if (elapsed is null)
            {
                // The run took much longer than the time of the previous size suggests, so larger sizes are not tried.
                times.RemoveAt(times.Count - 1);
                break;
            }

            remaining -= elapsed.Value;
        }

        for (var turn = 1; turn < TurnsPerSize; turn++)
        {
            for (var sizeIndex = 0; sizeIndex < times.Count && remaining > TimeSpan.Zero; sizeIndex++)
            {
                var elapsed = await TakeTurnAsync(session, times, sizeIndex, onAllSlots: true, cancellationToken).ConfigureAwait(false);
                remaining -= elapsed ?? TrialRuns.AllSlotsLimit;
            }
        }

        return times;
    }

    /// <summary>
    /// Whether the remaining time is enough for all turns of the next size and of all earlier sizes. The estimate assumes that twice the
    /// items take twice as long.
    /// </summary>
    private static bool FitsInTime(TimeSpan remaining, List<BatchTime> times) =>
        2 * times[^1].RunTime <= LongRun
        && ((TurnsPerSize - 1) * TimeSpan.FromTicks(times.Sum(time => time.RunTime.Ticks)))
            + (TurnsPerSize * 2 * times[^1].RunTime) <= remaining;

    /// <param name="sizeIndex">
    /// The index in <paramref name="times"/> of the size to measure. A shorter measured time replaces the time at this index.
    /// </param>
    /// <returns>The time for which the slots were held; null when the turn exceeded its time limit and measured nothing.</returns>
    private async Task<TimeSpan?> TakeTurnAsync(
        OnnxSession session, List<BatchTime> times, int sizeIndex, bool onAllSlots, CancellationToken cancellationToken)
    {
        var inputs = GeneratedInputs.Create(session.Signature, FindLayout(session.Signature)!, times[sizeIndex].Items);
        try
        {
            var measured = times[sizeIndex];
            Func<CancellationToken, (TimeSpan RunTime, TimeSpan TotalTime)> work = token => measureTurn(session, inputs, measured, token);
            var timing = onAllSlots ? runs.RunOnAllSlotsAsync(work, cancellationToken) : runs.RunOnOneSlotAsync(work, cancellationToken);
            var (runTime, totalTime) = await timing.ConfigureAwait(false);
            if (runTime < measured.RunTime)
                times[sizeIndex] = measured with { RunTime = runTime };
            return totalTime;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            inputs.DisposeAll();
        }
    }

    /// <summary>
    /// Returns the throughput of the other session, divided by the throughput of the first session. The fastest turns count.
    /// </summary>
    /// <returns>The ratio; zero when one of the sessions was not measured.</returns>
    private async Task<double> MeasureSpeedupAsync(
        OnnxSession session, OnnxSession other, int items, int concurrentRuns, CancellationToken cancellationToken)
    {
        var times = new List<BatchTime> { new(items, TimeSpan.MaxValue, concurrentRuns), new(items, TimeSpan.MaxValue, concurrentRuns) };
        var remaining = Budget;
        for (var turn = 0; turn < TurnsPerSession && (turn < MinComparisonTurns || remaining > TimeSpan.Zero); turn++)
        {
            remaining -= await TakeTurnAsync(session, times, 0, onAllSlots: !_isSlow, cancellationToken).ConfigureAwait(false) ?? Budget;
            remaining -= await TakeTurnAsync(other, times, 1, onAllSlots: !_isSlow, cancellationToken).ConfigureAwait(false) ?? Budget;
        }

        return times.Exists(time => time.RunTime == TimeSpan.MaxValue) ? 0 : times[1].ItemsPerSecond / times[0].ItemsPerSecond;
    }
}
