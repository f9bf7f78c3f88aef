using Inference.Models.Settings;

namespace Cli.Doctor;

/// <summary>The severity of a finding. A warning needs attention but does not fail the command.</summary>
internal enum FindingSeverity
{
    Ok,
    Warning,
    Error,
}

/// <summary>The result of one check.</summary>
/// <param name="Check">The name of the check, as it is printed.</param>
/// <param name="Message">The result, in whole sentences.</param>
/// <param name="Fix">What the user should do; null when the message already says it, or when there is nothing to do.</param>
internal sealed record DoctorFinding(string Check, FindingSeverity Severity, string Message, string? Fix = null)
{
    /// <summary>
    /// Creates the finding for a problem in a settings file. <see cref="ModelChecks"/> and <see cref="StoreChecks"/> create equal findings
    /// for the same problem, so the problem is listed once.
    /// </summary>
    public static DoctorFinding ForSettings(string model, FindingSeverity severity, FileProblem problem) =>
        new($"{model} settings", severity, $"{problem}", $"Correct {problem.File} of {model}, or remove that entry.");

    /// <summary>Creates the finding for a warning about a settings file.</summary>
    /// <param name="hasDefault">
    /// Whether the model has a default version, for requests that name none. If not, a warning about the traffic split is an error.
    /// </param>
    public static DoctorFinding ForWarning(string model, bool hasDefault, FileProblem warning) => ForSettings(
        model,
        hasDefault || warning.Path is not ("$.versions.traffic" or "$.traffic") ? FindingSeverity.Warning : FindingSeverity.Error,
        warning);
}
