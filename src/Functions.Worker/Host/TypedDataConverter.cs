using System.Globalization;
using System.Text;
using System.Text.Json;
using Functions.Worker.Protocol;

namespace Functions.Worker.Host;

/// <summary>Converts the values of the Functions host's protocol to text or bytes, and text to such values.</summary>
internal static class TypedDataConverter
{
    /// <summary>Returns the value as text; null when the data is neither text, a number nor bytes.</summary>
    public static string? ToText(TypedData data) => data.DataCase switch
    {
        TypedData.DataOneofCase.String => data.String,
        TypedData.DataOneofCase.Json => data.Json,
        TypedData.DataOneofCase.Int => data.Int.ToString(CultureInfo.InvariantCulture),
        TypedData.DataOneofCase.Double => data.Double.ToString(CultureInfo.InvariantCulture),
        TypedData.DataOneofCase.Bytes => data.Bytes.ToStringUtf8(),
        _ => null,
    };

    /// <summary>Returns the value as bytes, with text as UTF-8; null when the data is not a single value.</summary>
    public static ReadOnlyMemory<byte>? ToBytes(TypedData data) => data.DataCase switch
    {
        TypedData.DataOneofCase.Bytes => data.Bytes.Memory,
        TypedData.DataOneofCase.Stream => data.Stream.Memory,
        _ => ToText(data) is { } text ? Encoding.UTF8.GetBytes(text) : null,
    };

    /// <summary>
    /// Converts a text to a value. The text of a JSON object or array becomes a JSON value, because the host sends one message per item of
    /// an array. Any other text becomes a string.
    /// </summary>
    public static TypedData From(string value) => IsJson(value) ? new() { Json = value } : new() { String = value };

    private static bool IsJson(string value)
    {
        if (value.AsSpan().TrimStart() is not ['{' or '[', ..])
            return false;

        try
        {
            using var json = JsonDocument.Parse(value);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
