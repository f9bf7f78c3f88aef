using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Onnx.Graph;
using Inference.Tensors;

namespace Inference.Onnx.Proof;

/// <summary>
/// Proves from a model's graph that the result of an item does not depend on the other items of its run. The items of a run lie along one
/// axis of each tensor, the item axis. The proof follows the item axis from the inputs to the outputs, operator by operator. The proof
/// fails at an operator without a rule, unless its result is the same for all items.
/// </summary>
internal static class BatchProver
{
    /// <summary>The maximum number of choices of item axes that are tried.</summary>
    private const int MaxChoices = 24;

    /// <summary>
    /// The cost of a shared input in a choice. The high cost sorts choices with shared inputs last, because requests rarely have equal
    /// values for such an input.
    /// </summary>
    private const int SharedInputCost = 10;

    /// <returns>A proven verdict with the positions of the items, or a verdict with the first obstacle.</returns>
    public static BatchVerdict Prove(OnnxModel model, ModelSignature signature, CancellationToken cancellationToken)
    {
        var inputs = signature.Inputs.Select(input => model.Graph.Inputs.FirstOrDefault(info => info.Name == input.Name)).ToList();
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i]?.Dimensions is null)
            {
                return BatchVerdict.NotProven(
                    $"Input \"{Quote.Shorten(signature.Inputs[i].Name)}\" has no declared shape, so the axis of its items is not known.");
            }
        }

        string? firstReason = null;
        foreach (var axes in EnumerateChoices(inputs!).Take(MaxChoices))
        {
            var verdict = Prove(model, signature, inputs!, axes, cancellationToken);
            if (verdict.Kind == BatchVerdictKind.Proven)
                return verdict;
            firstReason ??= verdict.Reason;
        }

        return BatchVerdict.NotProven(firstReason ?? "No input has a dynamic dimension, so each run has one request.");
    }

    private static BatchVerdict Prove(
        OnnxModel model, ModelSignature signature, List<OnnxValueInfo> inputs, ImmutableArray<int> axes,
        CancellationToken cancellationToken)
    {
        var proof = new GraphProof(model, cancellationToken);
        var values = new Dictionary<string, ProofValue>(StringComparer.Ordinal);
        for (var i = 0; i < inputs.Count; i++)
            values[inputs[i].Name] = CreateInputValue(proof.Symbols, inputs[i], axes[i]);
        var results = proof.Run(values);
        if (proof.Obstacle is { } nodeObstacle)
            return BatchVerdict.NotProven(nodeObstacle + ".");
        var outputs = ImmutableArray.CreateBuilder<int>();
        foreach (var spec in signature.Outputs)
        {
            var name = spec.Part?.Output ?? spec.Name;
            var index = model.Graph.Outputs.IndexOf(model.Graph.Outputs.First(output => output.Name == name));
            if (FindObstacle(spec, results[index]) is { } obstacle)
                return BatchVerdict.NotProven(obstacle);
            outputs.Add(results[index].Items!.Value.Axis);
        }

        return BatchVerdict.Proven(new BatchLayout(axes, outputs.DrainToImmutable()));
    }

    private static ProofValue CreateInputValue(SymbolTable symbols, OnnxValueInfo input, int itemAxis) => ProofValue.Create(
        input.Dimensions!.Value.Select((dimension, axis) => axis == itemAxis ? Extent.Items
            : dimension.Size is { } size and >= 0 ? Extent.FromConstant(size)
            : symbols.GetSize($"{input.Name}[{axis}]")),
        itemAxis == BatchLayout.Shared ? null : new ItemPosition(itemAxis, Extent.One, Extent.One));

    private static string? FindObstacle(TensorSpec spec, ProofValue value)
    {
        var name = Quote.Shorten(spec.Name);
        if (value.Failure is { } failure)
            return failure + ".";
        if (value.Items is not { } items)
            return $"Output \"{name}\" has no axis for the items.";
        if (!items.IsPlain)
            return $"Output \"{name}\" has the items on an axis of size {items.Size}, so an item has several rows.";
        return spec.Shape.Rank == value.Rank && spec.Shape[items.Axis] == Shape.Dynamic
            ? null
            : $"Output \"{name}\" is declared as {spec.Shape}, so it cannot have several items on axis {items.Axis}.";
    }

    /// <summary>
    /// Returns the choices to try, the cheapest first. A choice has the axis of the items for each input. Later axes cost more, and inputs
    /// that the items share cost most.
    /// </summary>
    private static IEnumerable<ImmutableArray<int>> EnumerateChoices(List<OnnxValueInfo> inputs)
    {
        IEnumerable<ImmutableArray<int>> choices = [[]];
        foreach (var input in inputs)
        {
            // Items are rarely on a later axis than the third dynamic axis.
            int[] axes = [.. Enumerable.Range(0, input.Dimensions!.Value.Length)
                .Where(axis => input.Dimensions.Value[axis].Size is null or < 0).Take(3), BatchLayout.Shared];
            // The limit keeps only the cheapest choices of models with many inputs.
            choices = [.. choices.SelectMany(choice => axes.Select(choice.Add)).OrderBy(ComputeCost).Take(4 * MaxChoices)];
        }

        return choices.Where(choice => choice.Any(static axis => axis != BatchLayout.Shared) && HaveConsistentNames(inputs, choice));
    }

    /// <summary>
    /// Whether no other dimension has the name of an item dimension. ONNX Runtime plans its memory by names, and fails when dimensions with
    /// the same name have different sizes.
    /// </summary>
    private static bool HaveConsistentNames(List<OnnxValueInfo> inputs, ImmutableArray<int> axes)
    {
        var (itemNames, otherNames) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        for (var input = 0; input < inputs.Count; input++)
        {
            var dimensions = inputs[input].Dimensions!.Value;
            for (var axis = 0; axis < dimensions.Length; axis++)
            {
                if (dimensions[axis].Symbol is { Length: > 0 } name)
                    (axis == axes[input] ? itemNames : otherNames).Add(name);
            }
        }

        return !itemNames.Overlaps(otherNames);
    }

    private static int ComputeCost(ImmutableArray<int> axes) =>
        axes.Sum(static axis => axis == BatchLayout.Shared ? SharedInputCost : axis);
}
