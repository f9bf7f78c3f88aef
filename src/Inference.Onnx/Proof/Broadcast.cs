namespace Inference.Onnx.Proof;

/// <summary>ONNX's multidirectional broadcasting: shapes are aligned at their last axes, and an axis of size 1 is repeated.</summary>
internal static class Broadcast
{
    /// <summary>
    /// Returns the result of an operator that computes each element from the elements at the same position of its inputs.
    /// </summary>
    /// <exception cref="NotProvenException">An element may depend on several items.</exception>
    public static ProofValue Apply(SymbolTable symbols, IReadOnlyList<ProofValue> values)
    {
        if (values.Any(static value => value.Dimensions is null))
        {
            return values.All(static value => value.IsShared)
                ? ProofValue.SharedOfAnyShape
                : throw new NotProvenException("the rank of an input is not known");
        }

        var rank = values.Max(static value => value.Rank);
        var position = FindPosition(values, rank);
        var dimensions = new Extent[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            dimensions[axis] = axis == position?.Axis ? position.Value.Size : Extent.One;
            foreach (var value in values)
            {
                var valueAxis = axis - (rank - value.Rank);
                if (valueAxis < 0)
                    continue;
                if (axis != position?.Axis)
                {
                    dimensions[axis] = Size(symbols, dimensions[axis], value.Dimension(valueAxis));
                }
                else if (value.Items is null && !value.Dimension(valueAxis).IsOne)
                {
                    throw new NotProvenException(
                        $"an input without items has the size {value.Dimension(valueAxis)} on the axis of the items");
                }
            }
        }

        return ProofValue.Create(dimensions, position);
    }

    /// <summary>Returns the size that results from broadcasting two sizes.</summary>
    public static Extent Size(SymbolTable symbols, Extent left, Extent right)
    {
        if (left == right || right.IsOne)
            return left;
        if (left.IsOne)
            return right;
        // In a run, an unknown size is 1 or equals the constant size; otherwise the run fails. So the result is the constant size.
        if (left.IsConstant)
            return left;
        return right.IsConstant ? right : symbols.GetSize($"broadcast({left},{right})");
    }

    private static ItemPosition? FindPosition(IReadOnlyList<ProofValue> values, int rank)
    {
        ItemPosition? position = null;
        foreach (var value in values)
        {
            if (value.Items is not { } items)
                continue;
            var aligned = items with { Axis = items.Axis + rank - value.Rank };
            if (position is { } earlier && earlier != aligned)
                throw new NotProvenException("the items lie on different axes of its inputs");
            position = aligned;
        }

        return position;
    }
}
