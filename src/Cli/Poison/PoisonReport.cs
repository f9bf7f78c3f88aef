using System.Globalization;
using Cli.Output;
using Inference.Azure.Predictions;

namespace Cli.Poison;

/// <summary>Writes messages as a table and as JSON.</summary>
internal static class PoisonReport
{
    public static void Write(IReadOnlyList<PoisonMessage> matching, int total, string queues, bool json)
    {
        if (json)
            WriteJson(matching);
        else
            WriteText(matching, total, queues);
    }

    private static void WriteText(IReadOnlyList<PoisonMessage> matching, int total, string queues)
    {
        var table = new TextTable("id", "error", "given up", "reason");
        foreach (var message in matching)
        {
            var reason = message.Reason.Message.ReplaceLineEndings(" ");
            table.Add(message.Id?.Value ?? "-", message.Reason.Code, Time(message), reason);
        }

        if (matching.Count > 0)
            table.Write(Console.Out, TerminalWidth());
        Console.Out.WriteLine($"{matching.Count} of {total} in {queues}.");
    }

    private static void WriteJson(IReadOnlyList<PoisonMessage> matching)
    {
        foreach (var message in matching)
        {
            JsonOutput.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, message.Id?.Value);
                writer.WriteString("error"u8, message.Reason.Code);
                writer.WriteString("givenUp"u8, Time(message));
                writer.WriteString("reason"u8, message.Reason.Message);
                writer.WriteEndObject();
            });
        }
    }

    /// <returns>Null for a pipe, a file, and a terminal with an unknown width.</returns>
    private static int? TerminalWidth() => !Console.IsOutputRedirected && Console.WindowWidth is > 0 and var width ? width : null;

    private static string Time(PoisonMessage message) =>
        string.Create(CultureInfo.InvariantCulture, $"{message.Inserted:yyyy-MM-ddTHH:mm:ssZ}");
}
