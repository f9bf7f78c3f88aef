using System.Collections.Immutable;

namespace Inference.Onnx.Proof;

/// <summary>
/// Applies operators that rearrange the known elements of integer tensors; see <see cref="IntegerRules"/>. Exported models use these
/// operators to create the input <c>pads</c> of <c>Pad</c>.
/// </summary>
internal static class IntegerViews
{
    /// <summary>Applies <c>Transpose</c>; returns null when its <c>perm</c> does not fit the input.</summary>
    public static ProofValue[]? Transpose(NodeCall call)
    {
        var sizes = GetSizes(call.Inputs[0]!);
        int[] order = call.IntegerList("perm") is { IsEmpty: false } perm
            ? [.. perm.Select(axis => NodeCall.Axis(axis, sizes.Length))]
            : [.. Enumerable.Range(0, sizes.Length).Reverse()];
        if (order.Length != sizes.Length)
            return null;
        return [Pick(call, [.. order.Select(axis => sizes[axis])], target =>
        {
            var source = new int[sizes.Length];
            for (var axis = 0; axis < order.Length; axis++)
                source[order[axis]] = target[axis];
            return source;
        })];
    }

    /// <summary>Applies <c>Slice</c>; returns null when its lists of arguments differ in length, or when a step is 0.</summary>
    public static ProofValue[]? Slice(NodeCall call)
    {
        // Before version 10 of the operator set, Slice had attributes instead of inputs: starts, ends and axes.
        var isOld = call.Opset < 10;
        var (starts, ends) = isOld ? (call.IntegerList("starts"), call.IntegerList("ends")) : (call.Constants(1), call.Constants(2));
        ImmutableArray<long> axes = (isOld ? call.Attribute("axes")?.Integers : call.Has(3) ? call.Constants(3) : null)
            ?? [.. Enumerable.Range(0, starts.Length).Select(static axis => (long)axis)];
        ImmutableArray<long> steps = !isOld && call.Has(4) ? call.Constants(4) : [.. starts.Select(static _ => 1L)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
            return null;
        var sizes = GetSizes(call.Inputs[0]!);
        var selected = sizes.Select(static size => Enumerable.Range(0, size).ToArray()).ToArray();
        for (var i = 0; i < starts.Length; i++)
        {
            var axis = NodeCall.Axis(axes[i], sizes.Length);
            selected[axis] = [.. EnumeratePositions(sizes[axis], starts[i], ends[i], steps[i])];
        }

        return [Pick(call, [.. selected.Select(static positions => positions.Length)], target =>
            [.. target.Select((position, axis) => selected[axis][position])])];
    }

    /// <summary>
    /// Applies <c>Squeeze</c>, <c>Unsqueeze</c> or <c>Reshape</c>, which keep the elements and their order. Returns null when the new shape
    /// has a size 0, or does not fit the number of elements.
    /// </summary>
    public static ProofValue[]? ChangeShape(NodeCall call)
    {
        var elements = IntegerRules.GetElements(call, 0);
        var sizes = GetSizes(call.Inputs[0]!).ToList();
        switch (call.Node.Operator)
        {
            case "Squeeze":
                var removed = call.AttributeOrInput("axes", 1)
                    ?? [.. Enumerable.Range(0, sizes.Count).Where(axis => sizes[axis] == 1).Select(static axis => (long)axis)];
                foreach (var axis in removed.Select(axis => NodeCall.Axis(axis, sizes.Count)).ToArray().OrderDescending())
                    sizes.RemoveAt(axis);
                break;
            case "Unsqueeze":
                var added = call.AttributeOrInput("axes", 1) ?? [];
                foreach (var axis in added.Select(axis => NodeCall.Axis(axis, sizes.Count + added.Length)).ToArray().Order())
                    sizes.Insert(axis, 1);
                break;
            default:
                var target = call.Constants(1);
                if (target.Count(static size => size == -1) > 1 || target.Any(static size => size is 0 or < -1))
                    return null;
                var known = target.Where(static size => size > 0).Aggregate(1L, static (product, size) => product * size);
                sizes = [.. target.Select(size => (int)(size > 0 ? size : elements.Length / known))];
                break;
        }

        return sizes.Aggregate(1, static (product, size) => product * size) == elements.Length
            ? [ProofValue.FromIntegers(elements, sizes)]
            : null;
    }

    /// <summary>Returns the positions that a slice selects, as in Python.</summary>
    private static IEnumerable<int> EnumeratePositions(int length, long start, long end, long step)
    {
        // If a backward slice starts before the tensor, implementations take different elements first.
        if (step < 0 && start < -length)
            throw new NotProvenException("it is a backward slice that starts before the first element");
        var (low, high) = step > 0 ? (0L, (long)length) : (-1L, length - 1L);
        var first = Math.Clamp(start < 0 && start >= -length ? start + length : start, low, high);
        var exclusiveEnd = Math.Clamp(end < 0 && end >= -length ? end + length : end, low, high);
        for (var position = first; step > 0 ? position < exclusiveEnd : position > exclusiveEnd; position += step)
            yield return (int)position;
    }

    /// <summary>Creates a tensor of the given sizes from elements of the node's first input.</summary>
    /// <param name="source">Returns the position in the input for a position in the result.</param>
    private static ProofValue Pick(NodeCall call, int[] sizes, Func<int[], int[]> source)
    {
        var (elements, inputSizes) = (IntegerRules.GetElements(call, 0), GetSizes(call.Inputs[0]!));
        var picked = new Extent[sizes.Aggregate(1, static (product, size) => product * size)];
        var target = new int[sizes.Length];
        for (var i = 0; i < picked.Length; i++)
        {
            var quotient = i;
            for (var axis = sizes.Length - 1; axis >= 0; axis--)
                (quotient, target[axis]) = Math.DivRem(quotient, sizes[axis]);
            var index = source(target)
                .Select((position, axis) => (position, axis)).Aggregate(0, (flat, next) => (flat * inputSizes[next.axis]) + next.position);
            picked[i] = elements[index];
        }

        return ProofValue.FromIntegers([.. picked], sizes);
    }

    private static int[] GetSizes(ProofValue value) => [.. value.Shape.Select(static size => (int)size.Factor)];
}
