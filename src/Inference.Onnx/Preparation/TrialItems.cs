using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Items that a model takes in one run; disposed with it.</summary>
internal sealed class TrialItems(ItemTrials trials) : IDisposable
{
    private readonly List<TrialItem> _items = [];

    public TrialItem[] All => [.. _items];

    /// <summary>The items that have a result to compare with.</summary>
    public TrialItem[] Compared => [.. _items.Where(item => item.Tolerances is not null)];

    /// <summary>Adds those of some generated items that the model takes, until there are enough that can be compared.</summary>
    /// <param name="shared">The values of inputs that all items share.</param>
    /// <returns>A sentence about a difference between copies of an item and the item alone; null when there is none.</returns>
    /// <exception cref="TimeoutException">A run took too long.</exception>
    public async Task<string?> AddAsync(
        ItemInputs inputs, ItemKind shared, (ItemKind Kind, int Variant)[] kinds, int enough, CancellationToken cancellationToken)
    {
        foreach (var (kind, variant) in kinds)
        {
            if (Compared.Length >= enough)
                break;
            if (!inputs.IsDistinct(kind))
                continue;
            var isCompared = kind is not (ItemKind.NotANumber or ItemKind.Infinite);
            var isOrdinary = kind is ItemKind.Random or ItemKind.Wide;
            var item = inputs.Create(kind, variant, shared);
            if (await AddAsync(item, isCompared, isOrdinary, cancellationToken).ConfigureAwait(false) is { } difference)
                return difference;
        }

        return null;
    }

    /// <summary>Adds an item, if the model takes it.</summary>
    /// <param name="inputs">Disposed with the item.</param>
    /// <param name="isCompared">Whether the item is more than company for others.</param>
    /// <param name="isOrdinary">Whether its values are like those of requests.</param>
    /// <returns>A sentence about a difference between copies of the item and the item alone; null when there is none.</returns>
    /// <exception cref="TimeoutException">A run took too long.</exception>
    public async Task<string?> AddAsync(Tensor[] inputs, bool isCompared, bool isOrdinary, CancellationToken cancellationToken)
    {
        if (await trials.TryAloneAsync(inputs, cancellationToken).ConfigureAwait(false) is not { } item)
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
