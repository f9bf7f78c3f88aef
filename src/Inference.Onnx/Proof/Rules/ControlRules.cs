namespace Inference.Onnx.Proof.Rules;

/// <summary>
/// The rules of branches. Loops have no rule, because the number or the effect of their iterations may depend on the items.
/// </summary>
internal static class ControlRules
{
    public static void AddTo(RuleSet rules) => rules.Add("If", If);

    private static ProofValue[] If(NodeCall call)
    {
        var condition = call.Shared(0);
        if (condition.Elements is [{ IsConstant: true } constant])
            return ComputeBranch(call, constant.Factor != 0 ? "then_branch" : "else_branch");
        var (thenValues, elseValues) = (ComputeBranch(call, "then_branch"), ComputeBranch(call, "else_branch"));
        if (thenValues.Length != elseValues.Length)
            throw new NotProvenException("its branches differ in their number of outputs");
        return [.. thenValues.Select((value, index) => Merge(call, value, elseValues[index], index))];
    }

    private static ProofValue[] ComputeBranch(NodeCall call, string name) => call.Attribute(name)?.Graph is { } graph
        ? call.RunBranch(graph, name)
        : throw new NotProvenException($"it has no {name}");

    private static ProofValue Merge(NodeCall call, ProofValue left, ProofValue right, int index)
    {
        if (left.Failure is not null || right.Failure is not null)
            return left.Failure is not null ? left : right;
        if (left == right)
            return left;
        if (left.CountsItems || right.CountsItems || left.Items != right.Items)
            throw new NotProvenException("its branches have the items in different places");
        if (left.Dimensions is not { } leftDimensions || right.Dimensions is not { } rightDimensions
            || leftDimensions.Length != rightDimensions.Length)
        {
            return left.Items is null
                ? ProofValue.SharedOfAnyShape
                : throw new NotProvenException("its branches differ in rank");
        }

        return ProofValue.Create(
            leftDimensions.Select((size, axis) => size == rightDimensions[axis] ? size : call.NewSize($"{index}.{axis}")), left.Items);
    }
}
