using System.CommandLine;

namespace Cli.Output;

/// <summary>Asks the user to confirm an operation.</summary>
internal static class Confirmation
{
    public static Option<bool> CreateYes() => new("--yes") { Description = "Do not ask for confirmation" };

    /// <returns>Whether the user entered "y".</returns>
    /// <exception cref="CliException">There is no terminal for the confirmation.</exception>
    public static bool Confirm(string question)
    {
        if (Console.IsInputRedirected)
            throw CliException.CreateUsageError("There is no terminal for the confirmation. Add --yes.");
        Console.Error.Write(Printable.EscapeLine($"{question} [y/N] "));
        return Console.ReadLine()?.Trim() is "y" or "Y";
    }
}
