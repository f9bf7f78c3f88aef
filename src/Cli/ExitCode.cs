namespace Cli;

/// <summary>The exit codes, on which scripts can rely.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The operation failed, a job did not succeed, or the user did not confirm.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or a value or file that it names, is not valid. No model, job or message was changed.</summary>
    public const int WrongUsage = 2;

    /// <summary>The user pressed Ctrl+C. As in shells, the code is 128 plus 2, the number of the signal SIGINT.</summary>
    public const int Cancelled = 130;
}
