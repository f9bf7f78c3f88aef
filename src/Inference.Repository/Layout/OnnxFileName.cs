namespace Inference.Repository.Layout;

/// <summary>Recognizes model files by their names.</summary>
public static class OnnxFileName
{
    public const string Extension = ".onnx";

    /// <summary>Whether the name is that of a model file, in any folder. Hidden files do not count.</summary>
    internal static bool IsModel(string name) =>
        name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && !name.StartsWith('.')
            && !name.Contains("/.", StringComparison.Ordinal);
}
