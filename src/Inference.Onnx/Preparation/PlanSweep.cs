using Inference.Models;
using Inference.Serving;

namespace Inference.Onnx.Preparation;

/// <summary>Finds out how a model runs best by running it.</summary>
internal static class PlanSweep
{
    /// <summary>A larger batch makes all its items wait for each other, so it must make this much more of them a second.</summary>
    private const double Gain = 1.05;

    /// <summary>Of computing, for one model, once: less than two loads of a small one.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(300);

    /// <summary>Of one turn on a slot, unless one run takes longer: what waits behind it hardly notices.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(2);

    /// <summary>Of each size; the fastest counts, since whatever else the machine does only slows a run down.</summary>
    private const int Turns = 4;

    /// <summary>
    /// The largest of the sizes that each made at least 5 % more items a second than the best before it: 1 where batching slows the
    /// model down. A size that was not measured, because its runs would take too long, is not taken.
    /// </summary>
    /// <remarks>
    /// A run takes one thread, whatever a second one would do: with every slot busy, one thread a run makes the most
    /// predictions, for no model is more than twice as fast on two threads.
    /// </remarks>
    public static ExecutionPlan Choose(IEnumerable<BatchTime> times)
    {
        var (items, best) = (ExecutionPlan.Default.MaxBatch, 0.0);
        foreach (var time in times.OrderBy(time => time.Items))
        {
            if (time.ItemsPerSecond >= best * Gain)
                (items, best) = (time.Items, time.ItemsPerSecond);
        }

        return new ExecutionPlan(Threads: 1, items);
    }

    /// <summary>The default plan for a model of which made-up inputs tell nothing.</summary>
    public static async Task<ExecutionPlan> RunAsync(OnnxSession session, Governor governor, CancellationToken cancellationToken)
    {
        if (!SampleInputs.ArePredictable(session.Signature))
            return ExecutionPlan.Default;
        var times = new List<BatchTime>();
        var spent = TimeSpan.Zero;
        for (var items = 1; items <= ExecutionPlan.Default.MaxBatch; items *= 2)
        {
            // Twice the items take at most about twice as long.
            if (times.Count > 0 && spent + (Turns * 2 * times[^1].Run) > Budget)
                break;
            var inputs = SampleInputs.Create(session.Signature, items)!;
            try
            {
                var best = TimeSpan.MaxValue;
                for (var turn = 0; turn < Turns && spent < Budget; turn++)
                {
                    var (run, turnTime) = await governor.RunAsync(() => session.Time(inputs, Turn, cancellationToken), cancellationToken).ConfigureAwait(false);
                    best = run < best ? run : best;
                    spent += turnTime;
                }

                times.Add(new BatchTime(items, best));
            }
            catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
            {
                return ExecutionPlan.Default;
            }
            finally
            {
                foreach (var input in inputs)
                    input.Dispose();
            }
        }

        return Choose(times);
    }
}
