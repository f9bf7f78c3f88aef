using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cli.Output;

/// <summary>Writes JSON values to stdout, one per line.</summary>
internal static class JsonConsole
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a value as one line.</summary>
    public static void Write(JsonElement value) => Write(value.WriteTo);

    /// <inheritdoc cref="Write(JsonElement)"/>
    /// <param name="write">Writes the value.</param>
    public static void Write(Action<Utf8JsonWriter> write) => Console.Out.WriteLine(ToText(write));

    /// <summary>Returns objects and arrays as JSON on one line, and other values as <see cref="JsonElement.ToString"/> does.</summary>
    public static string ToText(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? ToText(value.WriteTo) : value.ToString();

    public static string ToText(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(ToBytes(write));

    public static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            write(writer);
        return buffer.ToArray();
    }
}
