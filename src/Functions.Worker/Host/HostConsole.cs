namespace Functions.Worker.Host;

/// <summary>Writes lines to standard output, which the Functions host reads as log entries.</summary>
internal static class HostConsole
{
    /// <summary>The prefix of entries that belong to the host's own log and not to the app's.</summary>
    private const string SystemPrefix = "LanguageWorkerConsoleLog";

    /// <summary>Writes a log entry as one line.</summary>
    /// <param name="isSystem">Whether the entry belongs to the host's own log, and not to the app's log.</param>
    public static void Write(string text, bool isSystem) =>
        Console.Out.WriteLine($"{(isSystem ? SystemPrefix : "")}{text.ReplaceLineEndings(" ")}");
}
