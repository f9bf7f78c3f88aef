using Inference.Onnx.Graph;

namespace Inference.Onnx.ZeroSizes;

/// <summary>
/// Finds products of integer matrices whose inner dimension, over which a product sums, can have size 0. For such a product, ONNX Runtime
/// 1.31 does not write the output, so that it contains whatever was in the memory before, for example the request of another caller.
/// </summary>
internal static class UnwrittenProducts
{
    /// <summary>The integer products, with the position of the second factor among their inputs. The first input is a factor.</summary>
    private static readonly Dictionary<string, int> IntegerProducts = new(StringComparer.Ordinal)
    {
        ["MatMulInteger"] = 1,
        ["ConvInteger"] = 1,
        ["QLinearMatMul"] = 3,
        ["QLinearConv"] = 3,
        ["com.microsoft.DynamicQuantizeMatMul"] = 1,
        ["com.microsoft.MatMulInteger16"] = 1,
        ["com.microsoft.MatMulIntegerToFloat"] = 1,
        ["com.microsoft.QGemm"] = 3,
        ["com.microsoft.QLinearConv"] = 3,
    };

    /// <summary>The products that ONNX Runtime's optimizer replaces by integer products if their factors were dequantized.</summary>
    private static readonly Dictionary<string, int> FloatProducts = new(StringComparer.Ordinal)
    {
        ["Conv"] = 1,
        ["Gemm"] = 1,
        ["MatMul"] = 1,
        ["com.microsoft.FusedMatMul"] = 1,
    };

    /// <summary>The operators that change the form of a weight, but make no dimension of size 0.</summary>
    private static readonly HashSet<string> Conversions = new(StringComparer.Ordinal)
    {
        "Cast", "DequantizeLinear", "Identity", "QuantizeLinear", "Reshape", "Squeeze", "Transpose", "Unsqueeze",
    };

    /// <summary>Returns the first such product; null when the model has none.</summary>
    public static OnnxNode? Find(OnnxModel model)
    {
        var products = new List<OnnxNode>();
        var hasDequantized = Search(model.Graph.Nodes, WeightsOf(model.Graph), products);
        foreach (var function in model.Functions.Values)
            hasDequantized |= Search(function.Nodes, [], products);
        return products.Find(product => hasDequantized || IntegerProducts.ContainsKey(product.FullOperator));
    }

    /// <summary>
    /// Collects the products of two values that are computed. A weight has no dimension of size 0, so a product with a weight is not
    /// collected.
    /// </summary>
    /// <param name="constants">The names of the weights, to which this method adds the values that are computed from weights alone.</param>
    /// <returns>Whether a node dequantizes a value that is computed.</returns>
    private static bool Search(IEnumerable<OnnxNode> nodes, HashSet<string> constants, List<OnnxNode> products)
    {
        var hasDequantized = false;
        foreach (var node in nodes)
        {
            if (IsWeight(node, constants))
                constants.UnionWith(node.Outputs);
            hasDequantized |= node is { Operator: "DequantizeLinear", Inputs: [var quantized, ..] } && !constants.Contains(quantized);
            if ((IntegerProducts.TryGetValue(node.FullOperator, out var second) || FloatProducts.TryGetValue(node.FullOperator, out second))
                && node.Inputs.Length > second && !constants.Contains(node.Inputs[0]) && !constants.Contains(node.Inputs[second]))
            {
                products.Add(node);
            }

            foreach (var graph in node.Attributes.Values.Select(attribute => attribute.Graph).OfType<OnnxGraph>())
                hasDequantized |= Search(graph.Nodes, [.. constants, .. WeightsOf(graph)], products);
        }

        return hasDequantized;
    }

    /// <summary>Whether the outputs of a node are weights: a constant, or a weight in another form.</summary>
    private static bool IsWeight(OnnxNode node, HashSet<string> constants) =>
        node is { Operator: "Constant", Domain: "" }
            ? !node.Attributes.Values.Any(static attribute => attribute.Tensor is { } tensor && tensor.Dimensions.Contains(0))
            : Conversions.Contains(node.Operator) && node.Inputs.Length > 0
                && node.Inputs.All(input => input.Length == 0 || constants.Contains(input));

    private static HashSet<string> WeightsOf(OnnxGraph graph) =>
        [.. graph.Initializers.Values.Where(static weight => !weight.Dimensions.Contains(0)).Select(static weight => weight.Name)];
}
