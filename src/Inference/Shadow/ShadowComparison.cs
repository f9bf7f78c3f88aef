using Inference.Tensors;

namespace Inference.Shadow;

/// <summary>
/// Compares the outputs of two versions. The outputs agree if they have the same names, and if <see cref="TensorComparison"/> finds their
/// tensors close.
/// </summary>
internal static class ShadowComparison
{
    // The allowed differences, as in docs/models-versions.md.
    private const double AbsoluteTolerance = 1e-5;
    private const double RelativeTolerance = 1e-3;

    /// <summary>Whether the outputs of the two versions agree.</summary>
    /// <param name="largest">Receives the largest finite difference between floating-point elements.</param>
    public static bool AreAlike(IReadOnlyList<NamedTensor> shadow, IReadOnlyList<NamedTensor> response, out double largest)
    {
        largest = 0;
        var areAlike = shadow.Count == response.Count;
        for (var i = 0; i < shadow.Count; i++)
        {
            areAlike &= response.FirstOrDefault(output => output.Name == shadow[i].Name).Tensor is { } other
                && AreAlike(shadow[i].Tensor, other, ref largest);
        }

        return areAlike;
    }

    private static bool AreAlike(Tensor shadow, Tensor response, ref double largest)
    {
        var areClose = TensorComparison.AreClose(shadow, response, AbsoluteTolerance, RelativeTolerance, out var difference);
        largest = Math.Max(largest, difference);
        return areClose;
    }
}
