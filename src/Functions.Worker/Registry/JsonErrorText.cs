using System.Text.Json;

namespace Functions.Worker.Registry;

/// <summary>
/// Describes errors in a JSON text for the author of the text. The Inference projects have a class that describes more errors, but the
/// worker does not reference these projects.
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
        // System.Text.Json writes its messages for programmers, so the parts that only programmers understand are replaced.
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
