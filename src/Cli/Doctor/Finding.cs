using Inference.Models.Settings;

namespace Cli.Doctor;

/// <summary>The severity of a finding. A doubtful one needs attention but is not an error.</summary>
internal enum Verdict
{
    Fine,
    Doubtful,
    Wrong,
}

/// <summary>The result of one check.</summary>
/// <param name="Message">What was found and, unless that is fine, what to do about it.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Message)
{
    /// <summary>
    /// Creates the finding for a problem of a settings file. It is the same whether a server or a store reports the problem.
    /// </summary>
    public static Finding OfSettings(string model, Verdict verdict, FileProblem problem) => new($"{model} settings", verdict, $"{problem}");
}
