using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>
/// Completes the shape of nested arrays that have no elements. Empty arrays do not show the sizes after the 0: <c>[[],[]]</c> can have the
/// shape <c>[2,0]</c> or <c>[2,0,4]</c>. The model's shape supplies the missing sizes if none of them is dynamic.
/// </summary>
internal static class EmptyNesting
{
    /// <param name="nesting">The shape of the nested arrays in the request.</param>
    /// <param name="shape">The shape of the model's input, or of one item of the input.</param>
    /// <returns>False when no size is missing, when the nesting does not fit the shape, or when a missing size is dynamic.</returns>
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
