using System.Text.Json;

namespace Functions.Worker.Registry;

/// <summary>
/// Describes errors in JSON in words for the author of the text. The Inference projects have words for more errors. The worker does not
/// reference these projects.
/// </summary>
internal static class JsonErrorText
{
    /// <summary>Returns the reason and the position. The first line and its first byte have number 1; .NET counts both from 0.</summary>
    public static string Describe(JsonException e)
    {
        if (e is not { LineNumber: { } line, BytePositionInLine: { } position })
            return e.Message;
        var end = e.Message.LastIndexOf(" LineNumber: ", StringComparison.Ordinal);
        var reason = (end < 0 ? e.Message : e.Message[..end]).TrimEnd('|', ' ', '.');
        // These messages are for programmers who use the library's reader.
        if (reason.StartsWith("Expected depth to be zero", StringComparison.Ordinal))
            reason = "The text ends before every object and array is closed";
        else if (reason.Contains("isFinalBlock", StringComparison.Ordinal))
            reason = "The text is empty";
        reason = reason
            .Replace("but instead reached end of data", "but the text ends here", StringComparison.Ordinal)
            .Replace("Expected end of data", "Expected the end of the text", StringComparison.Ordinal);
        return $"{reason}, at line {line + 1}, byte {position + 1}.";
    }
}
