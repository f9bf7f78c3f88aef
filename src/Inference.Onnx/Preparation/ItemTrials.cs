using System.Globalization;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Runs items alone and together, and compares the results of each item.</summary>
/// <param name="layout">The layout of the items.</param>
/// <param name="time">The clock that measures the runs.</param>
internal sealed class ItemTrials(OnnxSession session, BatchLayout layout, TrialRuns runs, TimeProvider time)
{
    /// <summary>
    /// The number of copies of one item in one run. A result depends slightly on the number of items in the run, because matrix kernels
    /// compute a single row differently from several rows. The copies show the size of the effect.
    /// </summary>
    private const int CopyCount = 4;

    /// <summary>The run time of one item above which the number of copies is halved.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// The tolerance is this factor times the measured noise. The noise is the difference between copies of an item in one run and the item
    /// alone. The factor is above 1, because the size of a run changes the rounding of each item differently.
    /// </summary>
    private const double NoiseMargin = 4;

    private readonly int[] _outputs = [.. Enumerable.Range(0, session.Signature.Outputs.Length)];
    private TimeSpan _lastRunTime;

    /// <summary>The lowest precision among the model's weights.</summary>
    public ElementType Precision { get; init; } = ElementType.Float32;

    /// <summary>The computing time of the runs so far.</summary>
    public TimeSpan ComputingTime { get; private set; }

    /// <summary>A sentence about the last item whose result changed too much when copies of it ran together; null for none.</summary>
    public string? CopyDifference { get; private set; }

    /// <summary>Runs an item alone.</summary>
    /// <param name="inputs">The inputs, which are disposed with the item, or by this method when it returns no item.</param>
    /// <returns>The item; null when the model refuses it.</returns>
    /// <exception cref="TimeoutException">The run took too long.</exception>
    public async Task<TrialItem?> TryRunAloneAsync(Tensor[] inputs, CancellationToken cancellationToken)
    {
        var item = new TrialItem(inputs);
        try
        {
            if (await TryRunAsync(inputs, cancellationToken).ConfigureAwait(false) is { } results)
            {
                item.ResultsAlone = results;
                return item;
            }
        }
        catch
        {
            item.Dispose();
            throw;
        }

        item.Dispose();
        return null;
    }

    /// <summary>
    /// Runs copies of an item together, and compares them with the result of the item alone. The differences determine the item's
    /// tolerances, within limits. An item with a difference above the limit has no tolerances: it runs together with other items, but its
    /// own results are not compared. An example is an item with two equally likely classes, for which rounding decides the resulting class.
    /// </summary>
    /// <param name="isOrdinary">
    /// Whether the values resemble the values of requests. The differences of such an item's floating-point results must not exceed the
    /// limits.
    /// </param>
    /// <returns>A sentence about a failure, or about a difference that no item is allowed to have; null for none.</returns>
    /// <exception cref="TimeoutException">The run took too long.</exception>
    public async Task<string?> SetTolerancesAsync(TrialItem item, bool isOrdinary, CancellationToken cancellationToken)
    {
        var batch = Enumerable.Repeat(item, _lastRunTime > LongRun ? CopyCount / 2 : CopyCount).ToArray();
        var batchResults = await TryRunTogetherAsync(batch, cancellationToken).ConfigureAwait(false);
        if (batchResults is null)
            return DescribeFailure(batch.Length);
        try
        {
            if (FindWrongShape(batchResults, batch) is { } shapeProblem)
                return shapeProblem;
            var previousDifference = CopyDifference;
            item.Tolerances = ComputeTolerances(item, batchResults, batch.Length, out var outputIndex);
            return isOrdinary && !ReferenceEquals(CopyDifference, previousDifference) && item.ResultsAlone[outputIndex].Type.IsFloat()
                ? CopyDifference
                : null;
        }
        finally
        {
            batchResults.DisposeAll();
        }
    }

    /// <summary>Runs items together, and compares each item that has tolerances with its result alone.</summary>
    /// <returns>A sentence about a difference; null for none.</returns>
    /// <exception cref="TimeoutException">The run took too long.</exception>
    public async Task<string?> CompareAsync(IReadOnlyList<TrialItem> batch, CancellationToken cancellationToken)
    {
        var batchResults = await TryRunTogetherAsync(batch, cancellationToken).ConfigureAwait(false);
        if (batchResults is null)
            return DescribeFailure(batch.Count);
        try
        {
            return FindWrongShape(batchResults, batch) ?? FindDifference(batchResults, batch);
        }
        finally
        {
            batchResults.DisposeAll();
        }
    }

    /// <param name="outputIndex">
    /// When the result is null, receives the index of the output that is the reason. The difference of this output exceeds the limit, or
    /// the output has no finite number.
    /// </param>
    private double[]? ComputeTolerances(TrialItem item, Tensor[] batchResults, int copies, out int outputIndex)
    {
        var tolerances = new double[batchResults.Length];
        for (outputIndex = 0; outputIndex < batchResults.Length; outputIndex++)
        {
            var (alone, noise) = (item.ResultsAlone[outputIndex], 0.0);
            for (var copy = 0; copy < copies; copy++)
                noise = Math.Max(noise, ItemSlices.Difference(batchResults[outputIndex], layout.Outputs[outputIndex], copy, alone));
            if (GetToleranceLimits(alone) is not { } limits)
                return null;
            if (noise > limits.Max)
            {
                CopyDifference =
                    $"Output \"{GetOutputName(outputIndex)}\" of {copies} copies of an item in one run differs by "
                    + $"{FormatDifference(noise)} from that of the item alone.";
                return null;
            }

            tolerances[outputIndex] = Math.Min(limits.Max, Math.Max(limits.Min, NoiseMargin * noise));
        }

        return tolerances;
    }

    /// <summary>
    /// Returns the minimum and maximum tolerance; between them, the measured noise determines the tolerance. For floating-point outputs,
    /// both limits are proportional to the largest magnitude in the item's own output. So large values of other items do not raise the
    /// limits.
    /// </summary>
    /// <returns>Null for an output without a finite number, whose comparison would prove nothing.</returns>
    public (double Min, double Max)? GetToleranceLimits(Tensor alone)
    {
        // The last bit of a quantized number comes from a rounded sum. A difference of 1 is tolerated only if a run of copies of the item
        // shows such a difference, too.
        if (!alone.Type.IsFloat())
            return (0, alone.Type is ElementType.UInt8 or ElementType.Int8 ? 1 : 0);
        if (TensorComparison.GetMagnitude(alone) is not { } magnitude)
            return null;
        var (min, max) = GetLessPrecise(alone.Type, Precision) switch
        {
            ElementType.BFloat16 => (1e-2, 5e-2),
            ElementType.Float16 => (1e-3, 1e-2),
            _ => (1e-5, 1e-4),
        };
        return (min * magnitude, max * magnitude);
    }

    private static ElementType GetLessPrecise(ElementType left, ElementType right) =>
        left == ElementType.BFloat16 || right == ElementType.BFloat16 ? ElementType.BFloat16
            : left == ElementType.Float16 || right == ElementType.Float16 ? ElementType.Float16 : ElementType.Float32;

    private string? FindWrongShape(Tensor[] batchResults, IReadOnlyList<TrialItem> batch)
    {
        for (var outputIndex = 0; outputIndex < batchResults.Length; outputIndex++)
        {
            var single = batch[0].ResultsAlone[outputIndex];
            if (!ItemSlices.HasSlices(batchResults[outputIndex], layout.Outputs[outputIndex], batch.Count, single))
            {
                return $"Output \"{GetOutputName(outputIndex)}\" has shape {single.Shape} for 1 item and "
                    + $"{batchResults[outputIndex].Shape} for {batch.Count} items; one slice at dimension "
                    + $"{layout.Outputs[outputIndex]} for each item is expected.";
            }
        }

        return null;
    }

    private string? FindDifference(Tensor[] batchResults, IReadOnlyList<TrialItem> batch)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            if (batch[index].Tolerances is not { } tolerances)
                continue;
            for (var outputIndex = 0; outputIndex < batchResults.Length; outputIndex++)
            {
                var difference = ItemSlices.Difference(
                    batchResults[outputIndex], layout.Outputs[outputIndex], index, batch[index].ResultsAlone[outputIndex]);
                if (difference > tolerances[outputIndex])
                {
                    return $"Output \"{GetOutputName(outputIndex)}\" of an item differs by {FormatDifference(difference)} in a run of "
                        + $"{batch.Count} items from that of the item alone.";
                }
            }
        }

        return null;
    }

    private async Task<Tensor[]?> TryRunTogetherAsync(IReadOnlyList<TrialItem> batch, CancellationToken cancellationToken)
    {
        var inputs = new Tensor[layout.Inputs.Length];
        try
        {
            for (var inputIndex = 0; inputIndex < inputs.Length; inputIndex++)
            {
                // All items have the same values in a shared input.
                inputs[inputIndex] = layout.Inputs[inputIndex] == BatchLayout.Shared ? batch[0].Inputs[inputIndex].Copy()
                    : ItemSlices.Join([.. batch.Select(item => item.Inputs[inputIndex])], layout.Inputs[inputIndex]);
            }

            return await TryRunAsync(inputs, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            inputs.DisposeAll();
        }
    }

    private async Task<Tensor[]?> TryRunAsync(Tensor[] inputs, CancellationToken cancellationToken)
    {
        var (results, elapsed) = await runs.RunOnOneSlotAsync(token => TryRun(inputs, token), cancellationToken).ConfigureAwait(false);
        _lastRunTime = elapsed;
        ComputingTime += elapsed;
        return results;
    }

    private (Tensor[]? Results, TimeSpan Elapsed) TryRun(Tensor[] inputs, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            var results = session.Run(inputs, _outputs, cancellationToken);
            return (results, time.GetElapsedTime(start));
        }
        catch (InferenceException)
        {
            return (null, time.GetElapsedTime(start));
        }
    }

    private static string DescribeFailure(int items) => $"The model fails on {items} items in one run, although it accepts each of them alone.";

    private string GetOutputName(int outputIndex) => session.Signature.Outputs[outputIndex].Name;

    private static string FormatDifference(double difference) => difference.ToString("G3", CultureInfo.InvariantCulture);
}
