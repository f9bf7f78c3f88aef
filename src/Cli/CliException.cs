namespace Cli;

/// <summary>Ends the command with one line on stderr, which says what to do.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Refused, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;

    public static CliException Usage(string message) => new(message, Cli.ExitCode.WrongUsage);
}
