namespace Inference.Onnx.Preparation;

/// <summary>The generated items of one size that a model takes; disposed with it.</summary>
/// <param name="shared">The values of inputs that all items share.</param>
internal sealed class TrialItems(ItemTrials trials, ItemInputs inputs, ItemKind shared) : IDisposable
{
    private readonly List<TrialItem> _items = [];

    public TrialItem[] All => [.. _items];

    /// <summary>Those that have a result to compare with.</summary>
    public TrialItem[] Compared => [.. _items.Where(item => item.Tolerances is not null)];

    /// <summary>Adds those of the items that the model takes, until there are enough that can be compared.</summary>
    /// <returns>A sentence about a difference between copies of an item and the item alone; null when there is none.</returns>
    /// <exception cref="TimeoutException">A run took too long.</exception>
    public async Task<string?> AddAsync((ItemKind Kind, int Variant)[] kinds, int enough, CancellationToken cancellationToken)
    {
        foreach (var (kind, variant) in kinds)
        {
            if (Compared.Length >= enough)
                break;
            if (!inputs.IsDistinct(kind)
                || await trials.TryAloneAsync(inputs.Create(kind, variant, shared), cancellationToken).ConfigureAwait(false) is not { } item)
            {
                continue;
            }

            _items.Add(item);
            // Kernels differ in which result a NaN has, by its place in a vector.
            if (kind is ItemKind.NotANumber or ItemKind.Infinite)
                continue;
            var isOrdinary = kind is ItemKind.Random or ItemKind.Wide;
            if (await trials.SetTolerancesAsync(item, isOrdinary, cancellationToken).ConfigureAwait(false) is { } difference)
                return difference;
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var item in _items)
            item.Dispose();
    }
}
