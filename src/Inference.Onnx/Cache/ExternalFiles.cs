using Inference.Models.Files;

namespace Inference.Onnx.Cache;

/// <summary>The files with the external data of a model, which are weights outside the model file.</summary>
/// <param name="modelPath">The path of the model file, whose folder contains the files.</param>
/// <param name="escapedNames">
/// The names of the files as the model file contains them, escaped and separated by commas; empty for a model without external data.
/// </param>
internal sealed class ExternalFiles(string modelPath, string escapedNames)
{
    /// <summary>
    /// The stamp of a model without external data. A stamp is a hash of each file's <see cref="FileState"/>. When a file
    /// changes, the stamp changes too.
    /// </summary>
    public const string NoStamp = "-";

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))! + Path.DirectorySeparatorChar;

    /// <summary>The escaped names, separated by commas, for the cache; empty for a model without external data.</summary>
    public string EscapedNames => escapedNames;

    /// <summary>The names of the files, as the model file contains them.</summary>
    public IEnumerable<string> Names => escapedNames.Length == 0 ? [] : escapedNames.Split(',').Select(Uri.UnescapeDataString);

    /// <summary>Reads the names from a model file; returns null when one of the names cannot be read.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ExternalFiles? TryRead(string modelPath, CancellationToken cancellationToken) =>
        ExternalData.FindFiles(modelPath, cancellationToken) is { } names
            ? new ExternalFiles(modelPath, string.Join(',', names.Select(Uri.EscapeDataString)))
            : null;

    /// <summary>Returns the full path of a file, which may be outside the model's folder.</summary>
    public string GetPath(string name) => Path.GetFullPath(name, _folder);

    /// <summary>Returns a stamp of the files in their current state; null when a file is missing or is not in the model's folder.</summary>
    /// <exception cref="IOException">The status of a file cannot be read.</exception>
    public string? TryComputeStamp()
    {
        if (escapedNames.Length == 0)
            return NoStamp;
        string[] paths = [.. Names.Select(GetPath)];
        return paths.All(path => path.StartsWith(_folder, StringComparison.Ordinal) && File.Exists(path)) ? CacheKey.ForFiles(paths) : null;
    }
}
