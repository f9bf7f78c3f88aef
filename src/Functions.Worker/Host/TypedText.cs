using System.Globalization;
using System.Text;
using System.Text.Json;
using Functions.Worker.Protocol;

namespace Functions.Worker.Host;

/// <summary>The protocol's values as text and bytes, and back.</summary>
internal static class TypedText
{
    /// <summary>Null when it is no single value.</summary>
    public static string? ToText(TypedData data) => data.DataCase switch
    {
        TypedData.DataOneofCase.String => data.String,
        TypedData.DataOneofCase.Json => data.Json,
        TypedData.DataOneofCase.Int => data.Int.ToString(CultureInfo.InvariantCulture),
        TypedData.DataOneofCase.Double => data.Double.ToString(CultureInfo.InvariantCulture),
        TypedData.DataOneofCase.Bytes => data.Bytes.ToStringUtf8(),
        _ => null,
    };

    /// <summary>Null when it is no single value.</summary>
    public static ReadOnlyMemory<byte>? ToBytes(TypedData data) => data.DataCase switch
    {
        TypedData.DataOneofCase.Bytes => data.Bytes.Memory,
        TypedData.DataOneofCase.Stream => data.Stream.Memory,
        _ => ToText(data) is { } text ? Encoding.UTF8.GetBytes(text) : null,
    };

    /// <summary>A JSON object or array goes as JSON, which lets the host split an array; anything else is text as it stands.</summary>
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
