using Inference.Tensors;

namespace Inference.Batching;

/// <summary>The first difference between two results of the same items.</summary>
/// <param name="OutputIndex">The index of the output among the requested outputs.</param>
/// <param name="ElementIndices">The index along each axis of the element that differs; null when the shapes differ.</param>
/// <param name="Left">The value of the element in the first result, or the output's shape if the shapes differ.</param>
/// <param name="Right">The value of the element in the second result, or the output's shape if the shapes differ.</param>
internal readonly record struct OutputDifference(int OutputIndex, Shape? ElementIndices, string Left, string Right)
{
    /// <summary>Describes one of the two results as a part of a sentence, such as <c>was 0.5 at [0,3]</c>.</summary>
    /// <param name="leftOrRight"><see cref="Left"/> or <see cref="Right"/>.</param>
    public string Describe(string leftOrRight) =>
        ElementIndices is { } indices ? $"was {leftOrRight} at {indices}" : $"had shape {leftOrRight}";
}
