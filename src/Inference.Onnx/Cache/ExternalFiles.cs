using Inference.Models.Files;

namespace Inference.Onnx.Cache;

/// <summary>The files with the external data of a model.</summary>
/// <param name="modelPath">The model file, beside which they lie.</param>
/// <param name="text">Their names in the model file, escaped, with commas between them; empty for none.</param>
internal sealed class ExternalFiles(string modelPath, string text)
{
    /// <summary>Stands for the stamp of no files.</summary>
    public const string NoStamp = "-";

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))! + Path.DirectorySeparatorChar;

    public string Text => text;

    public IEnumerable<string> Names => text.Length == 0 ? [] : text.Split(',').Select(Uri.UnescapeDataString);

    /// <summary>Reads the names in a model file; null when it does not tell all of them.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ExternalFiles? Find(string modelPath, CancellationToken cancellationToken) =>
        ExternalData.FindFiles(modelPath, cancellationToken) is { } names
            ? new ExternalFiles(modelPath, string.Join(',', names.Select(Uri.EscapeDataString)))
            : null;

    public string PathOf(string name) => Path.GetFullPath(name, _folder);

    /// <summary>A name of the files as they lie there now; null when one is missing or lies elsewhere than beside the model.</summary>
    /// <exception cref="IOException">A file cannot be looked at.</exception>
    public string? Stamp()
    {
        if (text.Length == 0)
            return NoStamp;
        string[] paths = [.. Names.Select(PathOf)];
        return paths.All(path => path.StartsWith(_folder, StringComparison.Ordinal) && File.Exists(path)) ? CacheKey.OfFiles(paths) : null;
    }
}
