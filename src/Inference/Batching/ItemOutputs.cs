using Inference.Models;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>The outputs of items that run separately and may differ in size. Thread-safe.</summary>
/// <param name="outputCount">The number of outputs.</param>
internal sealed class ItemOutputs(int outputCount) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TensorRows?[] _rows = new TensorRows?[outputCount];

    /// <summary>Adds a copy of the outputs of an item.</summary>
    /// <param name="item">The index of the item.</param>
    /// <exception cref="InferenceException">The same as for <see cref="TensorRows.Add"/>.</exception>
    public void Add(int item, Tensor[] outputs)
    {
        lock (_gate)
        {
            for (var i = 0; i < outputCount; i++)
                (_rows[i] ??= new TensorRows(outputs[i])).Add(outputs[i], item);
        }
    }

    /// <summary>
    /// Transfers the outputs to the caller. An output whose items have the same shape becomes one tensor. Every item must have been added.
    /// </summary>
    /// <param name="outputs">The indices of the outputs in the signature.</param>
    /// <exception cref="InferenceException">The same as for <see cref="PooledBytes.Rent"/>.</exception>
    public NamedTensor[] Take(ModelSignature signature, int[] outputs)
    {
        var tensors = TensorArrays.Create(outputCount, _rows, static (rows, i) => rows[i] is { HaveOneShape: true } equal
            ? equal.MoveToTensor()
            : GetFirst(rows[i]!));
        var named = new NamedTensor[outputCount];
        for (var i = 0; i < outputCount; i++)
        {
            named[i] = new NamedTensor(signature.Outputs[outputs[i]].Name, tensors[i]) { Rows = _rows[i]!.HaveOneShape ? null : _rows[i] };
            _rows[i] = null;
        }

        return named;
    }

    private static Tensor GetFirst(TensorRows rows)
    {
        rows.Sort();
        return rows[0];
    }

    public void Dispose()
    {
        foreach (var rows in _rows)
            rows?.Dispose();
    }
}
