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

    /// <summary>Writes a value as one line.</summary>
    /// <param name="write">Writes the value.</param>
    public static void Write(Action<Utf8JsonWriter> write) => Console.Out.WriteLine(Text(write));

    /// <summary>Returns objects and arrays as JSON on one line, and other values as <see cref="JsonElement.ToString"/> does.</summary>
    public static string Text(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Text(value.WriteTo) : value.ToString();

    public static string Text(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(Bytes(write));

    public static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            write(writer);
        return buffer.ToArray();
    }
}
