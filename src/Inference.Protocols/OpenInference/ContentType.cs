using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// MLServer's parameter <c>content_type</c>. In addition to the datatype, the parameter defines how the elements of a tensor are decoded.
/// Unknown content types are refused, because ignoring them could change the values of the tensor.
/// </summary>
internal static class ContentType
{
    public const string Parameter = "content_type";

    /// <summary>The content type of arrays. Every tensor is an array.</summary>
    private const string Array = "np";

    /// <summary>The content type of texts in UTF-8. BYTES tensors contain such texts.</summary>
    private const string Text = "str";

    /// <summary>The content type of tables with one column per input. Every request is such a table.</summary>
    private const string Table = "pd";

    private const string Base64 = "base64";

    /// <summary>Decodes an input according to its content type.</summary>
    /// <param name="tensor">The input. This method disposes the input before returning another tensor, and before throwing.</param>
    /// <param name="contentType">Null when the input has none.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the input cannot be decoded.</exception>
    public static Tensor Decode(Tensor tensor, string? contentType, string path)
    {
        try
        {
            ThrowIfUnsupported(tensor.Type, contentType, path);
            if (contentType != Base64)
                return tensor;
            var decoded = DecodeBase64(tensor, path);
            tensor.Dispose();
            return decoded;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Throws when the content type of a whole request is not supported.</summary>
    public static void ThrowIfUnsupportedInRequest(string? contentType)
    {
        if (contentType is not (null or "" or Array or Text or Table))
        {
            throw CreateUnknownTypeError(
                contentType,
                "parameters",
                $"\"{Array}\", \"{Text}\" and \"{Table}\" (\"{Base64}\" belongs to the parameters of an input)",
                "Send the data as they are");
        }
    }

    /// <summary>Throws when the requested content type of an output is not supported.</summary>
    /// <param name="path">The path of the parameters.</param>
    public static void ThrowIfUnsupportedForOutput(string? contentType, string path)
    {
        if (contentType is not (null or "" or Array or Text))
            throw CreateUnknownTypeError(contentType, path, $"\"{Array}\" and \"{Text}\"", "Encode the data of the response yourself");
    }

    private static void ThrowIfUnsupported(ElementType type, string? contentType, string path)
    {
        if (contentType is null or "" or Array || (contentType is Text or Base64 && type == ElementType.Bytes))
            return;
        throw contentType is Text or Base64
            ? InferenceException.InvalidRequest(
                $"{path}.parameters.{Parameter} is \"{contentType}\", which is for BYTES, but the datatype is {type.Name()}. Omit the parameter.")
            : CreateUnknownTypeError(
                contentType, $"{path}.parameters", $"\"{Array}\", \"{Text}\" and \"{Base64}\"", "Decode the data before they are sent");
    }

    private static Tensor DecodeBase64(Tensor tensor, string path)
    {
        using var builder = new TensorBuilder(ElementType.Bytes, tensor.Data.Length);
        foreach (var element in new PackedBytes(tensor.Data.Span))
        {
            var text = builder.ReserveBytes(element.Length + Base64Text.MaxPadding);
            element.CopyTo(text);
            if (!Base64Text.TryDecode(text, element.Length, out var length))
            {
                throw InferenceException.InvalidRequest(
                    $"{path}: element {builder.Count} is not base64, although the {Parameter} of the input is \"{Base64}\".");
            }

            builder.CommitBytes(length);
        }

        return builder.Build(tensor.Shape);
    }

    private static InferenceException CreateUnknownTypeError(string contentType, string path, string supported, string advice) =>
        InferenceException.InvalidRequest(
            $"{path}.{Parameter}: \"{Quote.Shorten(contentType)}\" is not supported. Supported are {supported}. {advice}, "
            + "and omit the parameter.");
}
