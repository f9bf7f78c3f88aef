using Cli.Output;
using Inference.Azure.Predictions;

namespace Cli.Poison;

/// <summary>Writes failed messages as a table or as JSON.</summary>
internal static class PoisonReport
{
    /// <param name="total">The number of all messages in the queues.</param>
    /// <param name="queues">The names of the queues, as a text for the user.</param>
    /// <param name="asJson">Whether to write JSON instead of a table.</param>
    public static void Write(IReadOnlyList<PoisonMessage> matching, int total, string queues, bool asJson)
    {
        if (asJson)
            WriteJson(matching);
        else
            WriteText(matching, total, queues);
    }

    private static void WriteText(IReadOnlyList<PoisonMessage> matching, int total, string queues)
    {
        var table = new TextTable(TableOverflow.WrapLast, "id", "error", "given up", "reason");
        foreach (var message in matching)
        {
            var reason = message.Reason.Message.ReplaceLineEndings(" ");
            var givenUp = message.Inserted is { } time ? HumanTime.FormatShort(time) : "-";
            table.Add(message.Id?.Value ?? "-", message.Reason.Code, givenUp, reason);
        }

        if (matching.Count > 0)
            table.Write();
        SafeConsole.WriteText($"{matching.Count} of {total} in {queues}.");
    }

    private static void WriteJson(IReadOnlyList<PoisonMessage> matching)
    {
        foreach (var message in matching)
        {
            JsonConsole.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, message.Id?.Value);
                writer.WriteString("error"u8, message.Reason.Code);
                if (message.Inserted is { } time)
                    writer.WriteString("givenUp"u8, time.UtcDateTime);
                else
                    writer.WriteNull("givenUp"u8);
                writer.WriteString("reason"u8, message.Reason.Message);
                writer.WriteEndObject();
            });
        }
    }
}
