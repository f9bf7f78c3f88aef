using Inference.Models;

namespace Inference.Repository.Layout;

/// <summary>
/// Chooses the files of a model without version folders, such as a Hugging Face folder. The model's folder is then version 1. The folder
/// also contains files that are not part of the version: settings, other variants of the model, and weights for other programs.
/// </summary>
public static class RootVersion
{
    /// <summary>The number of the version.</summary>
    public const long Number = 1;

    /// <summary>Folders that contain the model for other runtimes.</summary>
    private static readonly string[] OtherRuntimes = ["openvino", "coreml"];

    /// <summary>
    /// The endings of weights in other formats. Such files belong to the version only in module folders of Sentence Transformers, where
    /// they contain the weights of dense layers.
    /// </summary>
    private static readonly string[] OtherWeights =
        [".safetensors", ".pt", ".pth", "pytorch_model.bin", ".h5", ".msgpack", ".ot", ".tflite", ".gguf", ".mlmodel", ".pb"];

    /// <summary>Whether the version's files are directly in the model's folder.</summary>
    /// <param name="paths">The files in the model's folder, relative to it, with <c>/</c> between folders.</param>
    internal static bool IsIn(IReadOnlyCollection<string> paths) =>
        paths.Any(ModelFileName.IsCandidate) && !paths.Any(path => path.Contains('/', StringComparison.Ordinal) && IsInVersionFolder(path));

    /// <summary>Chooses the files of the version.</summary>
    /// <param name="paths">The files in the model's folder, relative to it, with <c>/</c> between folders.</param>
    /// <param name="file">The model file.</param>
    public static IEnumerable<string> ChooseFiles(IReadOnlyCollection<string> paths, string file)
    {
        // The name of an external data file begins with the name of its model. If it begins with the names of several models, the longest
        // name is that of its model.
        var models = paths.Where(OnnxFileName.IsModel).OrderByDescending(model => model.Length).ToList();
        return paths.Where(path =>
            IsPartOfVersion(path)
            && (models.Find(model => path.StartsWith(model, StringComparison.Ordinal)) is not { } owner || owner == file));
    }

    private static bool IsPartOfVersion(string path)
    {
        var folders = path.Split('/');
        return !folders.Any(name => name.StartsWith('.'))
            && !SettingsFile.Names.Contains(path)
            && !(folders.Length > 1 && OtherRuntimes.Contains(folders[0]))
            && (IsModule(folders[0]) || !OtherWeights.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Whether a folder is a module of Sentence Transformers, such as <c>1_Pooling</c> or <c>2_Dense</c>.</summary>
    private static bool IsModule(string folder) =>
        folder.Length > 1 && char.IsAsciiDigit(folder[0]) && folder.Contains('_', StringComparison.Ordinal);

    private static bool IsInVersionFolder(string path) => ModelVersion.TryParseNumber(path.Split('/')[0], out _);
}
