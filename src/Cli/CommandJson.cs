using System.Text.Json;
using Inference;
using Inference.Models.Settings;

namespace Cli;

/// <summary>Reads JSON of the command line, and describes errors for its author.</summary>
internal static class CommandJson
{
    /// <param name="name">The option or file with the JSON, for messages.</param>
    /// <exception cref="CliException">The text is not JSON. The message contains the position.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException e) when (json.TrimStart(" \t\r\n"u8).IsEmpty)
        {
            throw CliException.CreateUsageError($"{name} is empty. JSON is expected, such as [5.1,3.5,1.4,0.2].", e);
        }
        catch (JsonException e)
        {
            throw CliException.CreateUsageError($"{name} is not JSON: {Quote.ShortenMessage(ProblemText.Describe(e))}", e);
        }
    }
}
