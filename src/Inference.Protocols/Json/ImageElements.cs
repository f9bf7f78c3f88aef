using System.Text.Json;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>
/// Reads one image, or an array of images, in place of the elements of a model's input. An image is a text in base64, a data URI, or
/// <c>{"b64": "..."}</c>. Each image becomes a BYTES element, which is decoded later as part of the request's work.
/// </summary>
internal static class ImageElements
{
    /// <summary>
    /// Whether the current value of the reader is an image, or an array that starts with an image. A text is an image unless the text is a
    /// number such as "-Infinity".
    /// </summary>
    public static bool IsAtImage(Utf8JsonReader reader)
    {
        while (reader.TokenType == JsonTokenType.StartArray && reader.Read())
        {
        }

        return reader.TokenType == JsonTokenType.StartObject
            || (reader.TokenType == JsonTokenType.String && !NonFinite.TryRead(ref reader, out _));
    }

    /// <summary>Whether the first member of the first object in the current array of the reader is an image.</summary>
    public static bool HasImageInFirstMember(Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.StartObject
        && reader.Read() && reader.TokenType == JsonTokenType.PropertyName
        && reader.Read() && IsAtImage(reader);

    /// <summary>Reads the current value of the reader.</summary>
    /// <param name="json">The complete JSON that the reader reads.</param>
    /// <param name="name">The input's name.</param>
    /// <param name="path">The path of the value in the request.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: an element is not an image.</exception>
    public static RequestInput Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string name, string path)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        var nesting = JsonTensorReader.Read(ref reader, json, builder, path, dialect: JsonDialect.TensorFlow);
        return new RequestInput(name, builder.Build(nesting), path);
    }
}
