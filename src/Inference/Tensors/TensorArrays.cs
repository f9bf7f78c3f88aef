namespace Inference.Tensors;

/// <summary>Arrays of tensors that have one owner.</summary>
public static class TensorArrays
{
    /// <summary>Creates an array of tensors. If a tensor cannot be created, disposes the tensors that were created before.</summary>
    /// <param name="state">
    /// The argument of <paramref name="create"/>. With this argument, <paramref name="create"/> can be a static function without a closure.
    /// </param>
    /// <param name="create">Creates the tensor at an index.</param>
    public static Tensor[] Create<TState>(int count, TState state, Func<TState, int, Tensor> create)
    {
        var tensors = new Tensor[count];
        try
        {
            for (var i = 0; i < count; i++)
                tensors[i] = create(state, i);
            return tensors;
        }
        catch
        {
            tensors.DisposeAll();
            throw;
        }
    }

    /// <summary>Disposes all tensors in an array. A partly filled array may contain null.</summary>
    public static void DisposeAll(this Tensor?[] tensors)
    {
        foreach (var tensor in tensors)
            tensor?.Dispose();
    }

    /// <inheritdoc cref="DisposeAll(Tensor?[])"/>
    public static void DisposeAll(this IEnumerable<Tensor?> tensors)
    {
        foreach (var tensor in tensors)
            tensor?.Dispose();
    }
}
