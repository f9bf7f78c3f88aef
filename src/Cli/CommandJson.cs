using System.Text.Json;
using Cli.Output;
using Inference;
using Inference.Models.Settings;
using Inference.Protocols;
using Inference.Protocols.Json.BareWords;

namespace Cli;

/// <summary>Reads JSON that the user wrote on the command line or in a file, and describes syntax errors.</summary>
internal static class CommandJson
{
    /// <summary>
    /// Reads JSON as a server does: <c>NaN</c> and <c>Infinity</c> are also accepted without quotes, and become strings. So <c>[NaN]</c> is
    /// read as <c>["NaN"]</c>.
    /// </summary>
    /// <param name="name">The option or file with the JSON, for messages.</param>
    /// <exception cref="CliException">The text is not JSON. The message contains the position, unless the text is empty.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> json, string name)
    {
        try
        {
            return JsonElement.Parse(json.Span);
        }
        catch (JsonException e) when (json.Span.TrimStart(" \t\r\n"u8).IsEmpty)
        {
            throw CliException.CreateUsageError($"{name} is empty. JSON is expected, such as [5.1,3.5,1.4,0.2].", e);
        }
        catch (JsonException e)
        {
            return ParseBareWords(json, name, e);
        }
    }

    private static JsonElement ParseBareWords(ReadOnlyMemory<byte> json, string name, JsonException syntaxError)
    {
        PooledBuffer? copy = null;
        try
        {
            var quoted = NonFiniteWords.QuoteBareWords(json, ref copy);
            return copy is null ? throw CreateSyntaxError(name, syntaxError) : JsonElement.Parse(quoted.Span);
        }
        catch (JsonException e)
        {
            throw CreateSyntaxError(name, NonFiniteWords.Relocate(json.Span, e));
        }
        finally
        {
            copy?.Dispose();
        }
    }

    private static CliException CreateSyntaxError(string name, JsonException e) =>
        CliException.CreateUsageError(
            $"{name} is not JSON: {Printable.EscapeLine(Quote.ShortenMessage(ProblemText.Describe(e)))}", e);
}
