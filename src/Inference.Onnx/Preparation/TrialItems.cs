using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>The items of one generated size, or of one sample, that a model accepts. Disposal of this object disposes the items.</summary>
internal sealed class TrialItems(ItemTrials trials) : IDisposable
{
    private readonly List<TrialItem> _items = [];

    /// <summary>All items, including those that only run together with others.</summary>
    public TrialItem[] All => [.. _items];

    /// <summary>The items whose results can be compared.</summary>
    public TrialItem[] Comparable => [.. _items.Where(item => item.Tolerances is not null)];

    /// <summary>Whether the model has accepted the item with these inputs.</summary>
    public bool Contains(Tensor[] inputs) => _items.Exists(item => item.Inputs == inputs);

    /// <summary>Adds the generated items that the model accepts, until enough of them can be compared.</summary>
    /// <param name="sharedKind">The values of inputs that all items share.</param>
    /// <returns>A sentence about a difference between copies of an item and the item alone; null when there is none.</returns>
    /// <exception cref="TimeoutException">A run took too long.</exception>
    public async Task<string?> AddAsync(
        ItemGenerator generator, ItemKind sharedKind, (ItemKind Kind, int Variant)[] kinds, int minComparable,
        CancellationToken cancellationToken)
    {
        foreach (var (kind, variant) in kinds)
        {
            if (Comparable.Length >= minComparable)
                break;
            if (!generator.IsDistinct(kind))
                continue;
            var isCompared = kind is not (ItemKind.NotANumber or ItemKind.Infinite);
            var isOrdinary = kind is ItemKind.Random or ItemKind.Wide;
            var item = generator.Create(kind, variant, sharedKind);
            if (await AddAsync(item, isCompared, isOrdinary, cancellationToken).ConfigureAwait(false) is { } difference)
                return difference;
        }

        return null;
    }

    /// <summary>Adds an item, if the model accepts it.</summary>
    /// <param name="inputs">The inputs, disposed with the item.</param>
    /// <param name="isCompared">Whether the results of the item are compared. Otherwise the item only runs together with others.</param>
    /// <param name="isOrdinary">Whether the values resemble the values of requests.</param>
    /// <returns>A sentence about a difference between copies of the item and the item alone; null when there is none.</returns>
    /// <exception cref="TimeoutException">A run took too long.</exception>
    public async Task<string?> AddAsync(Tensor[] inputs, bool isCompared, bool isOrdinary, CancellationToken cancellationToken)
    {
        if (await trials.TryRunAloneAsync(inputs, cancellationToken).ConfigureAwait(false) is not { } item)
            return null;
        _items.Add(item);
        return isCompared ? await trials.SetTolerancesAsync(item, isOrdinary, cancellationToken).ConfigureAwait(false) : null;
    }

    public void Dispose()
    {
        foreach (var item in _items)
            item.Dispose();
    }
}
