using Inference.Onnx.Graph;

namespace Inference.Onnx.ZeroSizes;

/// <summary>Finds every node of a model.</summary>
internal static class ModelOperators
{
    /// <summary>
    /// The suffix for a node whose inputs, except the first, are all constants. For example, a <c>MatMul</c> with constant weights is
    /// listed as <c>MatMul/constant</c>. The node is tested as a separate case for two reasons. Its weights never have a dimension of size
    /// 0, and kernels prepare constants when a model is loaded.
    /// </summary>
    public const string ConstantSuffix = "/constant";

    /// <summary>
    /// Returns all nodes: those of the main graph, of graphs in attributes, such as the branches of <c>If</c>, and of the model's own
    /// functions. <c>Case</c> is the operator's name, with <see cref="ConstantSuffix"/> where it applies.
    /// </summary>
    public static IEnumerable<(OnnxNode Node, string Case)> FindAll(OnnxModel model) =>
        FindAll(model.Graph.Nodes, [.. model.Graph.Initializers.Keys])
            .Concat(model.Functions.Values.SelectMany(function => FindAll(function.Nodes, [])));

    private static IEnumerable<(OnnxNode Node, string Case)> FindAll(IEnumerable<OnnxNode> nodes, HashSet<string> constants)
    {
        foreach (var node in nodes)
        {
            if (node is { Operator: "Constant", Domain: "" })
                constants.UnionWith(node.Outputs);
            var isConstant = node.Inputs.Skip(1).Any(input => input.Length > 0)
                && node.Inputs.Skip(1).All(input => input.Length == 0 || constants.Contains(input));
            yield return (node, isConstant ? node.FullOperator + ConstantSuffix : node.FullOperator);
            foreach (var graph in node.Attributes.Values.Select(attribute => attribute.Graph).OfType<OnnxGraph>())
            {
                foreach (var inner in FindAll(graph.Nodes, [.. graph.Initializers.Keys]))
                    yield return inner;
            }
        }
    }
}
