namespace Cli;

/// <summary>Ends the command with one line on stderr, which says what to do.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Refused, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Creates the error for a wrong command line.</summary>
    public static CliException Usage(string message) => new(message, Cli.ExitCode.WrongUsage);
}
