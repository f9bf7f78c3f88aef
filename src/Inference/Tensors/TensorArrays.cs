namespace Inference.Tensors;

/// <summary>Arrays of tensors that have one owner.</summary>
public static class TensorArrays
{
    /// <summary>Disposes those there are: an array being filled has gaps.</summary>
    public static void DisposeAll(this Tensor?[] tensors)
    {
        foreach (var tensor in tensors)
            tensor?.Dispose();
    }
}
