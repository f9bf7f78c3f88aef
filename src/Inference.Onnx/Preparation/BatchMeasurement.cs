using System.Runtime.CompilerServices;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Searches for runs in which an item's result depends on other items. Generated items run alone and together, and the shapes and values of
/// the results are compared. Items of random numbers, large numbers, NaN and infinities run together. An item with values up to a million
/// reveals a model that adds even a millionth of one item to the result of another. An item with NaN also reveals a model that multiplies
/// the added item by zero, because NaN times zero is NaN.
/// </summary>
internal sealed class BatchMeasurement(OnnxSession session, BatchLayout layout, ItemTrials trials)
{
    /// <summary>The minimum number of comparable items. A measurement of fewer items has no result.</summary>
    private const int MinCompared = 2;

    /// <summary>The maximum number of sizes of dynamic dimensions that are measured.</summary>
    private const int MaxSizes = 2;

    /// <summary>
    /// The computing time for a model with short runs. The first items of the first size are always measured. Further items and sizes take
    /// up to three times as long as the first items. So they are measured only if less than a quarter of the time has been spent.
    /// </summary>
    internal static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// The size of an item in bytes above which only the first items are measured. Above <see cref="MaxBytes"/>, no item is measured,
    /// because the runs would use too much memory.
    /// </summary>
    private const long MaxBytesForFurtherItems = 1 << 20;
    private const long MaxBytes = 64 << 20;

    /// <summary>
    /// The sizes to try for dynamic dimensions, in this order. <see cref="ImageSizes"/> has the order for models with an input of more than
    /// three dimensions.
    /// </summary>
    private static readonly int[] Sizes = [8, 32, 64, 256, 512, 1];
    private static readonly int[] ImageSizes = [32, 64, 256, 512, 8, 1];

    /// <summary>The items that are measured first, for every model.</summary>
    private static readonly (ItemKind Kind, int Variant)[] FirstItems =
        [(ItemKind.Random, 0), (ItemKind.Random, 1), (ItemKind.Large, 0), (ItemKind.NotANumber, 0)];

    /// <summary>
    /// The items that are measured if the model refuses some of the first items, or if the results of these items cannot be compared.
    /// </summary>
    private static readonly (ItemKind Kind, int Variant)[] SubstituteItems =
        [(ItemKind.Zeros, 0), (ItemKind.Ones, 0), (ItemKind.Random, 2), (ItemKind.Random, 3)];

    /// <summary>The further items for models with short runs.</summary>
    private static readonly (ItemKind Kind, int Variant)[] FurtherItems =
        [(ItemKind.Wide, 0), (ItemKind.Zeros, 1), (ItemKind.Ones, 1), (ItemKind.Infinite, 0)];

    private bool HasTimeLeft => trials.ComputingTime < Budget / 4;

    /// <summary>Measures generated items and the samples.</summary>
    /// <param name="samples">Inputs from the model's owner, each with one or more items.</param>
    /// <returns>A proven verdict, unless a run contradicts it or nothing could be measured.</returns>
    /// <exception cref="OperationCanceledException"/>
    public async Task<ExaminationResult> MeasureAsync(IReadOnlyList<Tensor[]> samples, CancellationToken cancellationToken)
    {
        var (measured, isTooSlow) = (0, false);
        await foreach (var result in MeasureAllAsync(samples, cancellationToken).ConfigureAwait(false))
        {
            if (result.Difference is { } difference)
                return CreateRefuted(difference);
            measured += result.IsMeasured ? 1 : 0;
            isTooSlow |= result.IsTooSlow;
        }

        return measured > 0
            ? new ExaminationResult(BatchVerdict.Proven(layout), IsFinal: true)
            : new ExaminationResult(BatchVerdict.NotProven(isTooSlow ? BatchReasons.TooSlow : BatchReasons.NoInputs), IsFinal: false);
    }

    /// <summary>Measures generated items of the sizes for which there is time, then the samples.</summary>
    private async IAsyncEnumerable<TrialResult> MeasureAllAsync(
        IReadOnlyList<Tensor[]> samples, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (tooLargeSize, measured) = (int.MaxValue, 0);
        foreach (var (size, sharedKind) in EnumerateAttempts())
        {
            var generator = new ItemGenerator(session.Signature, layout, size);
            if (size >= tooLargeSize || generator.SizeInBytes > MaxBytes)
                continue;
            if (measured == MaxSizes || (measured > 0 && !HasTimeLeft))
                break;
            var result = await TryMeasureAsync(MeasureSizeAsync(generator, sharedKind, cancellationToken)).ConfigureAwait(false);
            yield return result;
            measured += result.IsMeasured ? 1 : 0;
            if (result.IsTooSlow)
                tooLargeSize = size;
        }

        foreach (var sample in samples)
            yield return await TryMeasureAsync(MeasureSampleAsync(sample, cancellationToken)).ConfigureAwait(false);
    }

    private static async Task<TrialResult> TryMeasureAsync(Task<TrialResult> measurement)
    {
        try
        {
            return await measurement.ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new TrialResult(IsMeasured: false, IsTooSlow: true);
        }
    }

    private static ExaminationResult CreateRefuted(string difference) =>
        new(BatchVerdict.NotProven(BatchReasons.Refuted(difference)), IsFinal: true);

    private IEnumerable<(int Size, ItemKind SharedKind)> EnumerateAttempts()
    {
        var signature = session.Signature;
        if (!ItemGenerator.CanCreate(signature))
            return [];
        int[] sizes = !ItemGenerator.HasDynamicSizes(signature, layout) ? [1]
            : signature.Inputs.Any(input => input.Shape.Rank > 3) ? ImageSizes : Sizes;
        ItemKind[] sharedKinds = layout.Inputs.Contains(BatchLayout.Shared) ? [ItemKind.Ones, ItemKind.Zeros] : [ItemKind.Ones];
        return sizes.SelectMany(_ => sharedKinds, (size, kind) => (size, kind));
    }

    /// <summary>Measures generated items of one size.</summary>
    private async Task<TrialResult> MeasureSizeAsync(
        ItemGenerator generator, ItemKind sharedKind, CancellationToken cancellationToken)
    {
        using var items = new TrialItems(trials);
        var difference = await items.AddAsync(generator, sharedKind, FirstItems, int.MaxValue, cancellationToken).ConfigureAwait(false)
            ?? await items.AddAsync(generator, sharedKind, SubstituteItems, MinCompared, cancellationToken).ConfigureAwait(false);
        if (difference is not null)
            return new TrialResult(true, difference);
        if (items.Comparable.Length < MinCompared)
            return new TrialResult(false, items.All.Length < MinCompared ? null : trials.CopyDifference);
        difference = await CompareAsync([items.Comparable, Reverse(items.All)], cancellationToken).ConfigureAwait(false);
        if (difference is not null || !HasTimeLeft || generator.SizeInBytes > MaxBytesForFurtherItems)
            return new TrialResult(true, difference);

        difference = await items.AddAsync(generator, sharedKind, FurtherItems, int.MaxValue, cancellationToken).ConfigureAwait(false);
        var (all, half) = (items.All, items.All.Length / 2);
        difference ??= await CompareAsync(
            [all, Reverse(all), all[..half], all[half..], [.. items.Comparable, .. items.Comparable]], cancellationToken).ConfigureAwait(
                false);
        return new TrialResult(true, difference);
    }

    /// <summary>
    /// Measures the items of a sample, and each item again with its values in reverse order, because a sample may have only one item.
    /// </summary>
    private async Task<TrialResult> MeasureSampleAsync(Tensor[] sample, CancellationToken cancellationToken)
    {
        using var items = new TrialItems(trials);
        foreach (var inputs in SampleItems.Split(sample, layout))
        {
            if (await items.AddAsync(inputs, isCompared: true, isOrdinary: true, cancellationToken).ConfigureAwait(false) is { } difference)
                return new TrialResult(true, difference);
            // The inputs of a refused item are already disposed.
            if (items.Contains(inputs) && SampleItems.Reverse(inputs, layout) is { } reversed
                && await items.AddAsync(reversed, isCompared: true, isOrdinary: false, cancellationToken).ConfigureAwait(false)
                    is { } reversedDifference)
            {
                return new TrialResult(true, reversedDifference);
            }
        }

        if (items.Comparable.Length < MinCompared)
            return new TrialResult(false, items.All.Length < MinCompared ? null : trials.CopyDifference);
        return new TrialResult(true, await CompareAsync([items.Comparable, Reverse(items.All)], cancellationToken).ConfigureAwait(false));
    }

    private async Task<string?> CompareAsync(TrialItem[][] batches, CancellationToken cancellationToken)
    {
        foreach (var batch in batches)
        {
            if (await trials.CompareAsync(batch, cancellationToken).ConfigureAwait(false) is { } difference)
                return difference;
        }

        return null;
    }

    private static TrialItem[] Reverse(TrialItem[] items) => [.. items.Reverse()];

    /// <summary>The result of the trials of one size of items, or of one sample.</summary>
    /// <param name="IsMeasured">Whether enough items were compared.</param>
    /// <param name="Difference">
    /// A sentence about a result that differs between an item alone and the same item in a larger run; null for none.
    /// </param>
    /// <param name="IsTooSlow">Whether a run exceeded the time limit of a trial run.</param>
    private readonly record struct TrialResult(bool IsMeasured, string? Difference = null, bool IsTooSlow = false);
}
