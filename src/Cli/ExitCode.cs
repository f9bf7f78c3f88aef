namespace Cli;

/// <summary>The exit codes, on which scripts can rely.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The operation failed, or the user did not confirm it.</summary>
    public const int Refused = 1;

    public const int WrongUsage = 2;

    public const int Cancelled = 130;
}
