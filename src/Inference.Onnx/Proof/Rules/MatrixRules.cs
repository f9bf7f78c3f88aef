namespace Inference.Onnx.Proof.Rules;

/// <summary>The rules of matrix products. The input indices are those of https://onnx.ai/onnx/operators.</summary>
internal static class MatrixRules
{
    public static void AddTo(RuleSet rules)
    {
        rules.Add("MatMul", static call => [MatMul(call.Symbols, call.Data(0), call.Data(1))]);
        rules.Add("MatMulInteger", MatMulInteger);
        rules.Add("QLinearMatMul", QLinearMatMul);
        rules.Add("Gemm", Gemm);
        rules.Add("Einsum", Einsum);
        rules.Add(RuleSet.RuntimeDomain, "FusedMatMul", FusedMatMul);
    }

    private static ProofValue[] FusedMatMul(NodeCall call)
    {
        if (call.Integer("transBatchA", 0) != 0 || call.Integer("transBatchB", 0) != 0)
            throw new NotProvenException("it moves the batch axes");
        var left = call.Integer("transA", 0) == 0 ? call.Data(0) : TransposeLast(call.Data(0));
        var right = call.Integer("transB", 0) == 0 ? call.Data(1) : TransposeLast(call.Data(1));
        return [MatMul(call.Symbols, left, right)];
    }

    private static ProofValue[] MatMulInteger(NodeCall call)
    {
        for (var zeroPointIndex = 2; zeroPointIndex < 4; zeroPointIndex++)
        {
            if (call.Has(zeroPointIndex) && !call.IsShared && !IsSingle(call.Shared(zeroPointIndex)))
                throw new NotProvenException("its zero points differ from row to row");
        }

        return [MatMul(call.Symbols, call.Data(0), call.Data(1))];
    }

    private static ProofValue[] QLinearMatMul(NodeCall call)
    {
        foreach (var parameterIndex in (int[])[1, 2, 6, 7])
        {
            if (!call.IsShared && !IsSingle(call.Shared(parameterIndex)))
                throw new NotProvenException("its scales differ from row to row");
        }

        call.Shared(4);
        call.Shared(5);
        return [MatMul(call.Symbols, call.Data(0), call.Data(3))];
    }

    private static bool IsSingle(ProofValue value) => value.Rank == 0 || (value.Rank == 1 && value.Dimension(0).IsOne);

    private static ProofValue[] Gemm(NodeCall call)
    {
        var left = call.Integer("transA", 0) == 0 ? call.Data(0) : TransposeLast(call.Data(0));
        var right = call.Integer("transB", 0) == 0 ? call.Data(1) : TransposeLast(call.Data(1));
        var product = MatMul(call.Symbols, left, right);
        return [call.OptionalData(2) is { } addend ? Broadcast.Apply(call.Symbols, [product, addend]) : product];
    }

    private static ProofValue TransposeLast(ProofValue value)
    {
        if (value.Dimensions is not { } dimensions)
            return value;
        if (dimensions.Length < 2)
            throw new NotProvenException("it transposes a vector");
        var order = Enumerable.Range(0, dimensions.Length).ToArray();
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return ShapeRules.Transpose(value, order);
    }

    /// <summary>Applies the rule of a matrix product, which treats vectors and leading axes like numpy.matmul.</summary>
    public static ProofValue MatMul(SymbolTable symbols, ProofValue left, ProofValue right)
    {
        if (left.IsShared && right.IsShared && (left.Dimensions is null || right.Dimensions is null))
            return ProofValue.SharedOfAnyShape;
        if (left.Rank == 0 || right.Rank == 0)
            throw new NotProvenException("an input is a scalar");
        var (isRow, isColumn) = (left.Rank == 1, right.Rank == 1);
        var a = isRow ? ProofValue.Create([Extent.One, left.Dimension(0)], Shift(left.Items, 1)) : left;
        var b = isColumn ? ProofValue.Create([right.Dimension(0), Extent.One], right.Items) : right;
        if (a.Items?.Axis == a.Rank - 1 || b.Items?.Axis == b.Rank - 2)
            throw new NotProvenException("it sums over the items");

        var batch = Broadcast.Apply(symbols, [GetLeadingAxes(a), GetLeadingAxes(b)]);
        var rank = batch.Rank + 2;
        var rows = a.Items?.Axis == a.Rank - 2 ? a.Items : null;
        var columns = b.Items?.Axis == b.Rank - 1 ? b.Items : null;
        if ((batch.Items is null ? 0 : 1) + (rows is null ? 0 : 1) + (columns is null ? 0 : 1) > 1)
            throw new NotProvenException("it multiplies every item by every other item");
        var position = batch.Items
            ?? (rows is { } row ? row with { Axis = rank - 2 } : columns is { } column ? column with { Axis = rank - 1 } : null);
        var product = ProofValue.Create([.. batch.Shape, a.Dimension(a.Rank - 2), b.Dimension(b.Rank - 1)], position);
        if (isColumn)
            product = ShapeRules.Remove(product, rank - 1);
        return isRow ? ShapeRules.Remove(product, rank - 2) : product;
    }

    private static ItemPosition? Shift(ItemPosition? items, int offset) =>
        items is { } position ? position with { Axis = position.Axis + offset } : null;

    /// <summary>Returns a value without its last two axes.</summary>
    private static ProofValue GetLeadingAxes(ProofValue value) =>
        ProofValue.Create(value.Shape[..^2], value.Items is { } items && items.Axis < value.Rank - 2 ? items : null);

    /// <summary>Applies the rule of Einsum equations, such as <c>bij,bjk->bik</c>, without an ellipsis.</summary>
    private static ProofValue[] Einsum(NodeCall call)
    {
        var equation = call.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        var sides = equation.Split("->");
        if (sides.Length != 2 || equation.Contains('.', StringComparison.Ordinal))
            throw new NotProvenException("its equation has an ellipsis or no right side");
        var terms = sides[0].Split(',');
        var sizes = new Dictionary<char, Extent>();
        if (ReadLabels(call, terms, sizes) is not { } itemLabel)
            return [ProofValue.Shared(sides[1].Select(label => sizes[label]))];
        for (var i = 0; i < terms.Length; i++)
        {
            if (call.Data(i).Items is null && terms[i].Contains(itemLabel.Label, StringComparison.Ordinal))
                throw new NotProvenException("an input without items has the label of the items in the equation");
        }

        var itemAxis = sides[1].IndexOf(itemLabel.Label, StringComparison.Ordinal);
        if (itemAxis < 0)
            throw new NotProvenException("it sums over the items");
        sizes[itemLabel.Label] = itemLabel.Position.Size;
        return [ProofValue.Create(sides[1].Select(label => sizes[label]), itemLabel.Position with { Axis = itemAxis })];
    }

    /// <summary>
    /// Reads the terms of the equation, such as <c>bij</c>. Each input has one term, and each axis one label, such as <c>b</c>.
    /// </summary>
    /// <param name="sizes">Receives the size of each label.</param>
    /// <returns>The label and the position of the items; null when no input has items.</returns>
    private static (char Label, ItemPosition Position)? ReadLabels(NodeCall call, string[] terms, Dictionary<char, Extent> sizes)
    {
        (char Label, ItemPosition Position)? items = null;
        for (var i = 0; i < terms.Length; i++)
        {
            var value = call.Data(i);
            if (value.Rank != terms[i].Length || terms[i].Distinct().Count() != terms[i].Length)
            {
                throw new NotProvenException(
                    "in its equation, a term repeats a label, or the number of its labels is not the rank of the input");
            }

            if (value.Items is { } position)
            {
                var found = (terms[i][position.Axis], position with { Axis = 0 });
                if (items is { } earlier && earlier != found)
                    throw new NotProvenException("the items have different labels in its equation");
                items = found;
            }

            for (var axis = 0; axis < terms[i].Length; axis++)
            {
                sizes[terms[i][axis]] = sizes.TryGetValue(terms[i][axis], out var knownSize)
                    ? Broadcast.Size(call.Symbols, knownSize, value.Dimension(axis))
                    : value.Dimension(axis);
            }
        }

        return items;
    }
}
