using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>
/// Completes the shape of nested arrays with a size of 0. The sizes after a 0 are unknown: <c>[[],[]]</c> may be <c>[2,0]</c> or
/// <c>[2,0,4]</c>. The model's shape supplies the unknown sizes if none of them is dynamic.
/// </summary>
internal static class EmptyNesting
{
    /// <param name="nesting">The shape of the nested arrays in the request.</param>
    /// <param name="shape">The shape of the model's input, or of one item of the input.</param>
    /// <returns>False when the nesting is complete, does not fit the shape, or leaves a dynamic dimension open.</returns>
    public static bool TryComplete(Shape nesting, ReadOnlySpan<long> shape, out Shape complete)
    {
        complete = nesting;
        if (nesting.Rank == 0 || nesting.Rank >= shape.Length || nesting[nesting.Rank - 1] != 0
            || shape[nesting.Rank..].Contains(Shape.Dynamic))
        {
            return false;
        }

        for (var axis = 0; axis < nesting.Rank; axis++)
        {
            if (shape[axis] != Shape.Dynamic && shape[axis] != nesting[axis])
                return false;
        }

        complete = new Shape([.. nesting.Dimensions, .. shape[nesting.Rank..]]);
        return true;
    }
}
