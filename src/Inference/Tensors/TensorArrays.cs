namespace Inference.Tensors;

internal static class TensorArrays
{
    /// <summary>Disposes those there are: an array being filled has gaps.</summary>
    public static void DisposeAll(this Tensor?[] tensors)
    {
        foreach (var tensor in tensors)
            tensor?.Dispose();
    }
}
