namespace Inference.Tensors;

/// <summary>Arrays of tensors that have one owner.</summary>
public static class TensorArrays
{
    /// <summary>Disposes all tensors in an array. A partly filled array may contain null.</summary>
    public static void DisposeAll(this Tensor?[] tensors)
    {
        foreach (var tensor in tensors)
            tensor?.Dispose();
    }
}
