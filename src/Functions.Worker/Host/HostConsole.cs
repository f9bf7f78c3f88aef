namespace Functions.Worker.Host;

/// <summary>The lines of a worker's standard output, which the host takes as log entries.</summary>
internal static class HostConsole
{
    /// <summary>Sorts an entry into the host's own log instead of the app's.</summary>
    private const string SystemPrefix = "LanguageWorkerConsoleLog";

    public static void Write(string text, bool isSystem) =>
        Console.Out.WriteLine($"{(isSystem ? SystemPrefix : "")}{text.ReplaceLineEndings(" ")}");
}
