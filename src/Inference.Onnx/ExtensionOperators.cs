using Inference.Onnx.Graph;
using Inference.Onnx.ZeroSizes;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// The operators of ONNX Runtime Extensions, such as tokenizers and image codecs. The library is loaded only for models that use one of
/// these operators.
/// </summary>
internal static class ExtensionOperators
{
    /// <summary>The name of the library in messages and metadata.</summary>
    public const string Library = "onnxruntime-extensions";

    private static readonly string[] Domains = ["ai.onnx.contrib", "com.microsoft.extensions"];

    /// <summary>Whether a node of the model uses an operator of the library; false for a file that cannot be read.</summary>
    public static bool AreUsedBy(string path)
    {
        try
        {
            // The declared domains are read first. Most models declare no domain of the library, so their graphs are not read.
            return OnnxModelReader.ReadDomains(path).Overlaps(Domains)
                && ModelOperators.FindAll(OnnxModelReader.Read(path, CancellationToken.None))
                    .Any(static node => IsExtensionDomain(node.Node.Domain));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The load reports the problem of the file later.
            return false;
        }
    }

    /// <summary>Whether the library has the operators of a domain.</summary>
    public static bool IsExtensionDomain(string domain) => Domains.Contains(domain);

    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the library cannot be used.</exception>
    public static void Register(SessionOptions options)
    {
        try
        {
            options.RegisterOrtExtensions();
        }
        catch (Exception e) when (e is TypeLoadException or BadImageFormatException or OnnxRuntimeException)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                "The model has operators of ONNX Runtime Extensions, whose library cannot be used: "
                + $"{Quote.ShortenMessage(e.GetBaseException().Message)} "
                + "Check that its file (libortextensions) is in the published folder and was built for this system and processor.",
                e);
        }
    }
}
