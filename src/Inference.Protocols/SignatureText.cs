using Inference.Models;

namespace Inference.Protocols;

/// <summary>Describes signatures in messages to callers.</summary>
internal static class SignatureText
{
    /// <summary>Returns the names of the inputs: <c>"a", "b"</c>.</summary>
    public static string Inputs(ModelSignature signature) => string.Join(", ", signature.Inputs.Select(input => $"\"{input.Name}\""));
}
