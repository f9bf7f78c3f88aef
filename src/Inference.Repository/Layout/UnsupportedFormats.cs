using Inference.Models.Settings;

namespace Inference.Repository.Layout;

/// <summary>Recognizes by name the files that are not ONNX: models of other formats, weights, Python objects and archives.</summary>
internal static class UnsupportedFormats
{
    private static readonly (string Ending, string Kind, string Advice)[] Formats =
    [
        (".pt", "a PyTorch model", "Export it with torch.onnx.export."),
        (".pth", "a PyTorch model", "Export it with torch.onnx.export."),
        ("pytorch_model.bin", "a Hugging Face model for PyTorch", "Export it with optimum-cli export onnx."),
        (".safetensors", "a file of weights without a graph", "Export the model with optimum-cli export onnx or torch.onnx.export."),
        (".pb", "a TensorFlow model", "Convert it with python -m tf2onnx.convert."),
        (".h5", "a Keras model", "Convert it with python -m tf2onnx.convert."),
        (".keras", "a Keras model", "Convert it with python -m tf2onnx.convert."),
        (".tflite", "a TensorFlow Lite model", "Convert it with python -m tf2onnx.convert."),
        (".pkl", "a Python object", "Convert a scikit-learn model with skl2onnx."),
        (".pickle", "a Python object", "Convert a scikit-learn model with skl2onnx."),
        (".joblib", "a Python object", "Convert a scikit-learn model with skl2onnx."),
        (".gguf", "a model for llama.cpp", "Export the original model to ONNX."),
        (".mlmodel", "a Core ML model", "Export the original model to ONNX."),
        (".plan", "a TensorRT engine", "Serve the ONNX model that it was built from."),
        (".engine", "a TensorRT engine", "Serve the ONNX model that it was built from."),
        (".zip", "an archive", "Unpack it."),
        (".tar", "an archive", "Unpack it."),
        (".gz", "an archive", "Unpack it."),
        (".tgz", "an archive", "Unpack it."),
    ];

    /// <summary>Returns a sentence about the first file of an unsupported format, with advice; null when there is no such file.</summary>
    public static string? FindProblem(IEnumerable<string> names)
    {
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            if (Array.Find(Formats, format => name.EndsWith(format.Ending, StringComparison.OrdinalIgnoreCase)) is { Kind: { } kind } found)
                return $"{ProblemText.Quote(name)} is {kind}, and only ONNX models are served. {found.Advice}";
        }

        return null;
    }
}
