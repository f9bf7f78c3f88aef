namespace Inference.Repository.Layout;

/// <summary>The names of model files.</summary>
public static class OnnxFileName
{
    public const string Extension = ".onnx";

    /// <summary>Whether a file is a model by its name, anywhere in a folder. Hidden files are none.</summary>
    internal static bool IsModel(string name) =>
        name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && !name.StartsWith('.')
            && !name.Contains("/.", StringComparison.Ordinal);
}
