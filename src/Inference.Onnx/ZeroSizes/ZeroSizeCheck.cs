using Inference.Onnx.Graph;

namespace Inference.Onnx.ZeroSizes;

/// <summary>
/// Decides whether a model accepts inputs with a dimension of size 0. Some kernels of ONNX Runtime end the process for such inputs, because
/// they divide by a size, or loop until a counter reaches a size. So a model accepts such inputs only if all its operators were tested.
/// <c>zero-sizes.txt</c> lists the tested operators; <c>tests/Inference.Onnx.Sweep</c> generates the list.
/// </summary>
internal static class ZeroSizeCheck
{
    private const string Resource = "zero-sizes.txt";

    private static readonly Lazy<HashSet<string>> TestedOperators = new(ReadTestedOperators);

    /// <summary>Finds a node that does not support dimensions of size 0, or whose operator was not tested with them.</summary>
    /// <returns>A sentence that names the node; null when all nodes support such dimensions.</returns>
    public static string? FindObstacle(OnnxModel model)
    {
        foreach (var (node, name) in ModelOperators.FindAll(model))
        {
            if (!model.Functions.ContainsKey((node.Domain, node.Operator)) && !TestedOperators.Value.Contains(name))
                return $"The operator {node.Description} is not known to support this.";
        }

        return UnwrittenProducts.Find(model) is { } product
            ? $"The product of integers {product.Description} does not support this."
            : null;
    }

    private static HashSet<string> ReadTestedOperators()
    {
        using var stream = typeof(ZeroSizeCheck).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing. This is a bug.");
        using var lines = new StreamReader(stream);
        var operators = new HashSet<string>(StringComparer.Ordinal);
        while (lines.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                operators.Add(line);
        }

        return operators;
    }
}
