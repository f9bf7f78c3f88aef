namespace Cli;

/// <summary>The exit codes, on which scripts can rely.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The server, the model or the store refused.</summary>
    public const int Refused = 1;

    public const int WrongUsage = 2;

    public const int Cancelled = 130;
}
