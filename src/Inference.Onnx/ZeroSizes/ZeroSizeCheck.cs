using Inference.Onnx.Graph;

namespace Inference.Onnx.ZeroSizes;

/// <summary>
/// Tells whether a model may be given inputs with a dimension of size 0. Some kernels of ONNX Runtime divide by a size, or loop until they
/// have reached it, and end the process. So only models take such inputs whose operators have all been tried: <c>zero-sizes.txt</c> lists
/// them, and <c>tests/Inference.Onnx.Sweep</c> makes it.
/// </summary>
internal static class ZeroSizeCheck
{
    private const string Resource = "zero-sizes.txt";

    private static readonly Lazy<HashSet<string>> Survivors = new(ReadSurvivors);

    /// <returns>A sentence that names a node whose operator is not known to survive; null when there is none.</returns>
    public static string? FindObstacle(OnnxModel model)
    {
        foreach (var (node, name) in ModelOperators.Of(model))
        {
            if (!model.Functions.ContainsKey((node.Domain, node.Operator)) && !Survivors.Value.Contains(name))
                return $"The operator {node.Description} is not known to survive it.";
        }

        return null;
    }

    private static HashSet<string> ReadSurvivors()
    {
        using var stream = typeof(ZeroSizeCheck).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing. This is a bug.");
        using var lines = new StreamReader(stream);
        var survivors = new HashSet<string>(StringComparer.Ordinal);
        while (lines.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                survivors.Add(line);
        }

        return survivors;
    }
}
