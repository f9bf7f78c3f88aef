using Inference.Tensors;

namespace Inference.Batching;

/// <summary>The first place where two results of the same items differ.</summary>
/// <param name="Output">The position of the output among those that were requested.</param>
/// <param name="Place">The index of the element; null when the shapes differ.</param>
/// <param name="Left">The value in the first result, or its shape.</param>
/// <param name="Right">The same in the second one.</param>
internal readonly record struct OutputDifference(int Output, Shape? Place, string Left, string Right)
{
    /// <summary>Says it of one side, as a part of a sentence.</summary>
    public string Of(string side) => Place is { } place ? $"was {side} at {place}" : $"had shape {side}";
}
