using System.Text.Json;
using Cli.Output;

namespace Cli.Jobs;

/// <summary>Writes jobs as text or as JSON.</summary>
internal static class JobReport
{
    /// <summary>Writes each property of a job on a line of its own.</summary>
    public static void Write(JsonElement job)
    {
        foreach (var property in job.EnumerateObject())
        {
            var text = property.Name switch
            {
                "status" => StyledText.ForState(property.Value.ToString()),
                "created" or "started" or "finished" => property.Value.TryGetDateTimeOffset(out var time)
                    ? HumanTime.FormatLong(time)
                    : property.Value.ToString(),
                "error" => Describe(property.Value),
                "retry" => DescribeRetry(property.Value),
                _ => JsonConsole.ToText(property.Value),
            };
            WriteProperty($"{property.Name,-9} ", text, isWrapped: property.Name is "error" or "retry");
        }
    }

    /// <param name="isWrapped">Whether to wrap the text to the terminal. A value that is not wrapped can be copied as a whole.</param>
    private static void WriteProperty(string prefix, StyledText text, bool isWrapped)
    {
        if (!isWrapped || Terminal.Width is not { } width)
        {
            SafeConsole.WriteLine(prefix, text);
            return;
        }

        foreach (var line in LineWrap.Split(Printable.EscapeLine(text.Text), width - prefix.Length))
        {
            SafeConsole.WriteLine(prefix, text with { Text = line });
            prefix = new string(' ', prefix.Length);
        }
    }

    /// <param name="hasMore">Whether the server has jobs that are not in <paramref name="jobs"/>.</param>
    public static void WriteList(IReadOnlyList<JsonElement> jobs, bool hasMore)
    {
        var table = new TextTable(TableOverflow.WrapLast, "id", "model", "status", "created", "error");
        foreach (var job in jobs)
        {
            var model = job.GetProperty("model").ToString();
            table.Add(
                job.GetProperty("id").ToString(),
                job.TryGetProperty("version", out var version) ? $"{model}/{version}" : model,
                StyledText.ForState(job.GetProperty("status").ToString()),
                job.GetProperty("created") is var created && created.TryGetDateTimeOffset(out var time)
                    ? HumanTime.FormatShort(time)
                    : created.ToString(),
                (job.TryGetProperty("error", out var error) ? Describe(error) : FindRetry(job) ?? "").ReplaceLineEndings(" "));
        }

        if (jobs.Count == 0)
            SafeConsole.WriteText("There are no jobs.");
        else
            table.Write();
        if (hasMore)
            SafeConsole.WriteText($"There are more jobs than {(jobs.Count == 1 ? "this one" : $"these {jobs.Count}")}. Raise --limit.");
    }

    public static void WriteList(Utf8JsonWriter writer, IEnumerable<JsonElement> jobs)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("jobs"u8);
        foreach (var job in jobs)
            job.WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Describes the last failed attempt of a job that waits for its next attempt; null for any other job.</summary>
    public static string? FindRetry(JsonElement job) => job.TryGetProperty("retry", out var retry) ? DescribeRetry(retry) : null;

    private static string DescribeRetry(JsonElement retry) =>
        $"attempt {retry.GetProperty("attempt")} of {retry.GetProperty("maxAttempts")} failed: {Describe(retry.GetProperty("error"))}";

    private static string Describe(JsonElement error) => $"{error.GetProperty("code")}: {error.GetProperty("message")}";
}
