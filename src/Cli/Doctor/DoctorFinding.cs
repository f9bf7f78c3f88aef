using Inference.Models.Settings;

namespace Cli.Doctor;

/// <summary>The severity of a finding. A doubtful one needs attention but is not an error.</summary>
internal enum Verdict
{
    Fine,
    Doubtful,
    Wrong,
}

/// <param name="Message">What is so.</param>
/// <param name="Fix">What to do about it; null when the message says it, or nothing is to do.</param>
internal sealed record DoctorFinding(string Check, Verdict Verdict, string Message, string? Fix = null)
{
    /// <summary>
    /// Creates the finding for a problem of a settings file. It is the same whether a server or a store reports the problem.
    /// </summary>
    public static DoctorFinding OfSettings(string model, Verdict verdict, FileProblem problem) =>
        new($"{model} settings", verdict, $"{problem}", $"Correct {problem.File} there, or remove what it names.");
}
