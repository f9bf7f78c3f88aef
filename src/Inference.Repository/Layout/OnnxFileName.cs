namespace Inference.Repository.Layout;

/// <summary>Recognizes model files by their names.</summary>
public static class OnnxFileName
{
    public const string Extension = ".onnx";

    /// <summary>Whether a file is a model file. Hidden files and files in hidden folders are not.</summary>
    /// <param name="path">The name of the file, or its relative path with slashes.</param>
    internal static bool IsModel(string path) =>
        path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && !path.StartsWith('.')
            && !path.Contains("/.", StringComparison.Ordinal);
}
