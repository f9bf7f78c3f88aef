using Inference.Models.Settings;

namespace Cli.Doctor;

internal enum Verdict
{
    Fine,
    Doubtful,
    Wrong,
}

/// <param name="Message">What is so and, unless that is fine, what to do about it.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Message)
{
    /// <summary>One of a settings file of a model, the same whether a server or a store told it.</summary>
    public static Finding OfSettings(string model, Verdict verdict, FileProblem problem) => new($"{model} settings", verdict, $"{problem}");
}
