using System.CommandLine;

namespace Cli.Output;

/// <summary>Asks the user before something is deleted.</summary>
internal static class Confirmation
{
    public static Option<bool> CreateYes() => new("--yes") { Description = "Do not ask" };

    /// <exception cref="CliException">There is no terminal to ask on.</exception>
    public static bool Ask(string question)
    {
        if (Console.IsInputRedirected)
            throw CliException.Usage("There is no terminal to ask on: add --yes.");
        Console.Error.Write(Printable.Line($"{question} [y/N] "));
        return Console.ReadLine()?.Trim() is "y" or "Y";
    }
}
