using System.Net;

namespace Cli;

/// <summary>An error that ends the command. Its message on stderr says what is wrong and what to do.</summary>
/// <param name="problem">What is wrong, in whole sentences.</param>
internal sealed class CliException(string problem, int exitCode = ExitCode.Failed, Exception? cause = null) : Exception(problem, cause)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What is wrong, without <see cref="Fix"/>.</summary>
    public string Problem => base.Message;

    /// <summary>What to do, in whole sentences; null when <see cref="Problem"/> already says it.</summary>
    public string? Fix { get; init; }

    /// <summary>The error code of the server's response; null when the response has none, or the error has another cause.</summary>
    public string? Code { get; init; }

    /// <summary>The status of the server's response; null when the error has another cause.</summary>
    public HttpStatusCode? Status { get; init; }

    public override string Message => Fix is null ? Problem : $"{Problem} {Fix}";

    /// <summary>Creates the error for a wrong command line, or for a wrong input that the command line names.</summary>
    public static CliException CreateUsageError(string message, Exception? cause = null) => new(message, Cli.ExitCode.WrongUsage, cause);
}
