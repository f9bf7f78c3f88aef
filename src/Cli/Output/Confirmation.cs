using System.CommandLine;

namespace Cli.Output;

/// <summary>Asks the user to confirm an operation.</summary>
internal static class Confirmation
{
    public static Option<bool> CreateYes() => new("--yes") { Description = "Do not ask for confirmation" };

    /// <returns>Whether the user entered "y" or "yes". For any other answer, a message says that nothing is changed.</returns>
    /// <exception cref="CliException">There is no terminal for the confirmation.</exception>
    public static bool Confirm(string question)
    {
        if (Console.IsInputRedirected)
            throw CliException.CreateUsageError("There is no terminal for the confirmation. Add --yes.");
        Console.Error.Write(Printable.EscapeLine($"{question} [y/N] "));
        if (Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES")
            return true;
        SafeConsole.WriteError("Nothing is changed, because the answer is not yes.");
        return false;
    }
}
