using System.Runtime.CompilerServices;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Tries to refute, by runs, that an item's result is its own. It runs generated items alone and together, and compares shapes and values.
/// Random numbers, large ones, NaN and infinities are each other's company: a model that adds even a millionth of its other items to each
/// shows it beside an item of a million, and one that multiplies other items by zero shows it beside NaN.
/// </summary>
internal sealed class BatchMeasurement(OnnxSession session, BatchLayout layout, ItemTrials trials)
{
    /// <summary>The number of comparable items without which a measurement says nothing.</summary>
    private const int FewestCompared = 2;

    /// <summary>The number of sizes of dynamic dimensions that are measured, where the model takes so many.</summary>
    private const int MostSizes = 2;

    /// <summary>
    /// The computing time for a model with short runs. The first items have as much as they need. Further items and sizes are left out once
    /// a quarter is spent, because they take up to three times as much as the first.
    /// </summary>
    internal static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// Bytes of an item above which only the first items are measured, and above which none is, because of the memory they take.
    /// </summary>
    private const long ManyBytes = 1 << 20;
    private const long MostBytes = 64 << 20;

    /// <summary>The sizes of dynamic dimensions, in the order in which they are tried: of sequences, and of images.</summary>
    private static readonly int[] Sizes = [8, 32, 64, 256, 512, 1];
    private static readonly int[] ImageSizes = [32, 64, 256, 512, 8, 1];

    /// <summary>The items that every model has to compute.</summary>
    private static readonly (ItemKind Kind, int Variant)[] First =
        [(ItemKind.Random, 0), (ItemKind.Random, 1), (ItemKind.Large, 0), (ItemKind.NotANumber, 0)];

    /// <summary>Items in place of those that a model refuses or cannot decide.</summary>
    private static readonly (ItemKind Kind, int Variant)[] Substitutes =
        [(ItemKind.Zeros, 0), (ItemKind.Ones, 0), (ItemKind.Random, 2), (ItemKind.Random, 3)];

    /// <summary>Further items for models with short runs.</summary>
    private static readonly (ItemKind Kind, int Variant)[] Further =
        [(ItemKind.Wide, 0), (ItemKind.Zeros, 1), (ItemKind.Ones, 1), (ItemKind.Infinite, 0)];

    private bool HasTime => trials.Spent < Budget / 4;

    /// <param name="samples">Inputs of the model from its owner, each with one item or several.</param>
    /// <returns>Proven, unless a run contradicts it or nothing could be measured.</returns>
    /// <exception cref="OperationCanceledException"/>
    public async Task<BatchFinding> MeasureAsync(IReadOnlyList<Tensor[]> samples, CancellationToken cancellationToken)
    {
        var (measured, isTooSlow) = (0, false);
        await foreach (var result in MeasureAllAsync(samples, cancellationToken).ConfigureAwait(false))
        {
            if (result.Difference is { } difference)
                return Refuted(difference);
            measured += result.IsMeasured ? 1 : 0;
            isTooSlow |= result.IsTooSlow;
        }

        return measured > 0
            ? new BatchFinding(BatchVerdict.Proven(layout), IsFinal: true)
            : new BatchFinding(BatchVerdict.NotProven(isTooSlow ? BatchReasons.TooSlow : BatchReasons.NoInputs), IsFinal: false);
    }

    /// <summary>Measures generated items of the sizes for which there is time, then the samples.</summary>
    private async IAsyncEnumerable<TrialResult> MeasureAllAsync(
        IReadOnlyList<Tensor[]> samples, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (tooLarge, measured) = (int.MaxValue, 0);
        foreach (var (size, shared) in Attempts())
        {
            var inputs = new ItemInputs(session.Signature, layout, size);
            if (size >= tooLarge || inputs.Bytes > MostBytes)
                continue;
            if (measured == MostSizes || (measured > 0 && !HasTime))
                break;
            var result = await TryMeasureAsync(MeasureAsync(inputs, shared, cancellationToken)).ConfigureAwait(false);
            yield return result;
            measured += result.IsMeasured ? 1 : 0;
            if (result.IsTooSlow)
                tooLarge = size;
        }

        foreach (var sample in samples)
            yield return await TryMeasureAsync(MeasureAsync(sample, cancellationToken)).ConfigureAwait(false);
    }

    private static async Task<TrialResult> TryMeasureAsync(Task<TrialResult> measuring)
    {
        try
        {
            return await measuring.ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new TrialResult(IsMeasured: false, IsTooSlow: true);
        }
    }

    private static BatchFinding Refuted(string difference) => new(BatchVerdict.NotProven(BatchReasons.Refuted(difference)), IsFinal: true);

    private IEnumerable<(int Size, ItemKind Shared)> Attempts()
    {
        var signature = session.Signature;
        if (!ItemInputs.CanCreate(signature))
            return [];
        int[] sizes = !ItemInputs.HasOpenSizes(signature, layout) ? [1]
            : signature.Inputs.Any(input => input.Shape.Rank > 3) ? ImageSizes : Sizes;
        ItemKind[] shared = layout.Inputs.Contains(BatchLayout.Shared) ? [ItemKind.Ones, ItemKind.Zeros] : [ItemKind.Ones];
        return sizes.SelectMany(_ => shared, (size, kind) => (size, kind));
    }

    /// <summary>Measures generated items of one size.</summary>
    private async Task<TrialResult> MeasureAsync(
        ItemInputs inputs, ItemKind shared, CancellationToken cancellationToken)
    {
        using var set = new TrialItems(trials);
        var difference = await set.AddAsync(inputs, shared, First, int.MaxValue, cancellationToken).ConfigureAwait(false)
            ?? await set.AddAsync(inputs, shared, Substitutes, FewestCompared, cancellationToken).ConfigureAwait(false);
        if (difference is not null)
            return new TrialResult(true, difference);
        if (set.Compared.Length < FewestCompared)
            return new TrialResult(false, set.All.Length < FewestCompared ? null : trials.Unsteadiness);
        difference = await CompareAsync([set.Compared, Reversed(set.All)], cancellationToken).ConfigureAwait(false);
        if (difference is not null || !HasTime || inputs.Bytes > ManyBytes)
            return new TrialResult(true, difference);

        difference = await set.AddAsync(inputs, shared, Further, int.MaxValue, cancellationToken).ConfigureAwait(false);
        var (all, half) = (set.All, set.All.Length / 2);
        difference ??= await CompareAsync(
            [all, Reversed(all), all[..half], all[half..], [.. set.Compared, .. set.Compared]], cancellationToken).ConfigureAwait(false);
        return new TrialResult(true, difference);
    }

    /// <summary>Measures the items of a sample and, since it may have only one, each with its values in reverse order.</summary>
    private async Task<TrialResult> MeasureAsync(Tensor[] sample, CancellationToken cancellationToken)
    {
        using var set = new TrialItems(trials);
        foreach (var inputs in SampleItems.Split(sample, layout))
        {
            if (await set.AddAsync(inputs, isCompared: true, isOrdinary: true, cancellationToken).ConfigureAwait(false) is { } found)
                return new TrialResult(true, found);
            if (SampleItems.Reverse(inputs, layout) is { } reversed
                && await set.AddAsync(reversed, isCompared: true, isOrdinary: false, cancellationToken).ConfigureAwait(false) is { } other)
            {
                return new TrialResult(true, other);
            }
        }

        if (set.Compared.Length < FewestCompared)
            return new TrialResult(false, set.All.Length < FewestCompared ? null : trials.Unsteadiness);
        return new TrialResult(true, await CompareAsync([set.Compared, Reversed(set.All)], cancellationToken).ConfigureAwait(false));
    }

    private async Task<string?> CompareAsync(TrialItem[][] companies, CancellationToken cancellationToken)
    {
        foreach (var company in companies)
        {
            if (await trials.CompareAsync(company, cancellationToken).ConfigureAwait(false) is { } difference)
                return difference;
        }

        return null;
    }

    private static TrialItem[] Reversed(TrialItem[] items) => [.. items.Reverse()];

    /// <summary>The result of the trials of one size of items, or of one sample.</summary>
    /// <param name="IsMeasured">Whether enough items were compared.</param>
    /// <param name="Difference">The difference between a result alone and in a batch; null when there was none.</param>
    /// <param name="IsTooSlow">Whether a run took longer than a trial may.</param>
    private readonly record struct TrialResult(bool IsMeasured, string? Difference = null, bool IsTooSlow = false);
}
