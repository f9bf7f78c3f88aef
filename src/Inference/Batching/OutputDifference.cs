using Inference.Tensors;

namespace Inference.Batching;

/// <summary>The first difference between two results of the same items.</summary>
/// <param name="Output">The index of the output among the requested outputs.</param>
/// <param name="Index">The index of the element that differs; null when the shapes differ.</param>
/// <param name="Left">The value in the first result, or its shape.</param>
/// <param name="Right">The value or the shape in the second result.</param>
internal readonly record struct OutputDifference(int Output, Shape? Index, string Left, string Right)
{
    /// <summary>Describes one side of the difference, as a part of a sentence.</summary>
    public string Of(string side) => Index is { } place ? $"was {side} at {place}" : $"had shape {side}";
}
