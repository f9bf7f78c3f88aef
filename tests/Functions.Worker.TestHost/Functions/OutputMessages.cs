using System.Text.Json;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Functions;

/// <summary>
/// Splits the value of an output binding as the host does: a JSON array is several messages, any other value is one message.
/// </summary>
internal static class OutputMessages
{
    public static IReadOnlyList<string> Split(TypedData? data) => data?.DataCase switch
    {
        TypedData.DataOneofCase.String => SplitText(data.String),
        TypedData.DataOneofCase.Json => SplitText(data.Json),
        TypedData.DataOneofCase.Bytes => [data.Bytes.ToStringUtf8()],
        TypedData.DataOneofCase.CollectionString => data.CollectionString.String,
        TypedData.DataOneofCase.CollectionBytes => [.. data.CollectionBytes.Bytes.Select(bytes => bytes.ToStringUtf8())],
        _ => [],
    };

    private static IReadOnlyList<string> SplitText(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith('['))
            return [text];
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray()
                .Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText())];
        }
        catch (JsonException)
        {
            return [text];
        }
    }
}
