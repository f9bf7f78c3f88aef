namespace Cli.Doctor;

internal enum Verdict
{
    Fine,
    Doubtful,
    Wrong,
}

/// <param name="Message">What is so and, unless that is fine, what to do about it.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Message);
