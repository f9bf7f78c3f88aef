using System.Text;
using System.Text.Json;

namespace Inference.Remote.Calls;

/// <summary>Shortens the text of another server to one line, for messages.</summary>
internal static class PeerText
{
    /// <summary>The maximum number of bytes of an error's body that are read.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>The maximum number of characters of a shortened text.</summary>
    private const int MaxLength = 500;

    public static string ToOneLine(string text)
    {
        var shown = text.Length > MaxLength ? $"{Quote.Start(text, MaxLength)}..." : text;
        return string.Concat(shown.Trim().Select(letter => char.IsControl(letter) ? ' ' : letter));
    }

    /// <summary>
    /// Returns the message in an error's body. The protocols define the member <c>error</c>, and web frameworks write similar members.
    /// Without such a member, returns the whole body.
    /// </summary>
    public static string ReadError(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body);
        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var name in (ReadOnlySpan<string>)["error", "detail", "message", "title"])
            {
                if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var value))
                    return ToOneLine(value.ToString());
            }
        }
        catch (JsonException)
        {
            // The body is plain text, HTML, or truncated JSON.
        }

        return ToOneLine(text);
    }
}
