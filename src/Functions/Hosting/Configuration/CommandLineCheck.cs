using Inference.Models.Settings;

namespace Functions.Hosting.Configuration;

/// <summary>Handles <c>--help</c> and <c>--version</c>, and rejects unknown options.</summary>
internal static class CommandLineCheck
{
    /// <summary>The exit code for wrong arguments, as in most Unix programs.</summary>
    private const int UsageError = 2;

    private static readonly Option[] Options =
    [
        new("--urls", "<addresses>", "Addresses to serve HTTP on, with semicolons between them (default http://127.0.0.1:7071)"),
        new("--grpc-urls", "<addresses>", "Addresses to serve gRPC on (default: none)"),
        new("--allow-anonymous", null, "Accept callers without a key on every address (default: only on loopback addresses)"),
        new("--startup-trace", null, "Write the elapsed time at each stage of the start to stderr"),
        new("--health-check", "<url>", "Check a running server, and exit with 0 if it responds with success"),
        new("--functions-metadata", "<file>", "Write the functions.metadata of a function app, and exit"),
        new("--version", null, "Write the version, and exit"),
        new("--help", null, "Write this help, and exit"),
    ];

    /// <summary>
    /// Checks the arguments of a process that a person or an orchestrator started. Arguments that a Functions host passes are not checked.
    /// </summary>
    /// <returns>The exit code if the process must end now; null if it must serve.</returns>
    public static int? Run(string[] args)
    {
        if (Array.Exists(args, arg => arg.StartsWith("--functions-", StringComparison.Ordinal) && arg != "--functions-metadata"))
            return null;
        if (Array.Exists(args, arg => arg is "--help" or "-h" or "-?"))
        {
            WriteHelp();
            return 0;
        }

        if (args.Contains("--version"))
        {
            Console.WriteLine($"{ServerIdentity.Name} {ServerIdentity.Version}");
            return 0;
        }

        if (FindProblem(args) is not { } problem)
            return null;
        Console.Error.WriteLine($"{problem} Run with --help for the options.");
        return UsageError;
    }

    /// <summary>Describes the first wrong argument; returns null when all arguments are right.</summary>
    internal static string? FindProblem(string[] args)
    {
        for (var index = 0; index < args.Length; index++)
        {
            var end = args[index].IndexOf('=', StringComparison.Ordinal);
            var (name, hasValue) = end > 0 ? (args[index][..end], true) : (args[index], false);
            var option = Array.Find(Options, option => option.Name == name);
            if (option is null && DescribeUnknownOption(name, hasValue) is { } problem)
                return problem;
            if (option is { Placeholder: null })
            {
                if (hasValue)
                    return $"\"{name}\" does not accept a value. Write \"{name}\" alone.";
                continue;
            }

            if (DescribeMissingValue(name, hasValue ? args[index][(end + 1)..] : args.ElementAtOrDefault(++index), hasValue) is { } missing)
                return missing;
        }

        return null;
    }

    /// <summary>
    /// Describes a missing value; returns null when the value is present. An argument that begins with <c>--</c> is not the value of the
    /// argument before it. A setting accepts an empty value; an option of the executable does not.
    /// </summary>
    /// <param name="isJoined">Whether the value is in the same argument as the name, after an equals sign.</param>
    private static string? DescribeMissingValue(string name, string? value, bool isJoined)
    {
        var isOption = Array.Exists(Options, option => option.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (value is null || (isOption && string.IsNullOrWhiteSpace(value)))
            return $"\"{name}\" needs a value.";
        return !isJoined && value.StartsWith("--", StringComparison.Ordinal)
            ? $"\"{name}\" needs a value, and the next argument is an option. Write {name}=<value> for a value that begins with \"--\"."
            : null;
    }

    /// <summary>
    /// Describes an argument that is not in <see cref="Options"/>; returns null if the argument is a setting. A setting has the form
    /// <c>--Models:Source</c>, <c>--Models__Source</c> or <c>Models:Source=...</c>.
    /// </summary>
    private static string? DescribeUnknownOption(string name, bool hasValue)
    {
        var isOption = name.StartsWith("--", StringComparison.Ordinal);
        var key = (isOption ? name[2..] : name).Replace("__", ":", StringComparison.Ordinal);
        if ((isOption || hasValue) && (KnownSettings.IsServerSetting(key) || key.Equals("urls", StringComparison.OrdinalIgnoreCase)))
            return null;
        var settings = KnownSettings.Names.Concat(KnownSettings.AccountSettings);
        string[] candidates = [.. Options.Select(option => option.Name), .. settings.Select(setting => $"--{setting}")];
        var kind = name.StartsWith('-') ? "option" : "argument";
        return $"Unknown {kind} {ProblemText.Quote(name)}."
            + ProblemText.SuggestSimilar(isOption ? $"--{key}" : $"--{key.TrimStart('-', '/')}", candidates);
    }

    private static void WriteHelp()
    {
        const int Width = 30;
        Console.WriteLine("""
            Serves ONNX models over HTTP, gRPC and storage queues.

            Usage: Functions [options]

            Options:
            """);
        foreach (var option in Options)
            Console.WriteLine($"  {$"{option.Name} {option.Placeholder}".PadRight(Width)}{option.Description}");
        Console.WriteLine($"  {"--<Section>:<Name> <value>",-Width}A setting, such as --Models:Source /models or --Keys:Function <key>");
        Console.WriteLine($"""

            The same settings are read from the environment (Models__Source=/models), from appsettings.json beside the
            executable, and from local.settings.json. docs/settings.md describes them all:
              {string.Join(
                  "\n  ", KnownSettings.Names.Chunk(3).Select(names => string.Join("  ", names.Select(Setting.ToEnvironmentName))))}
            """);
    }

    /// <summary>An option of the executable.</summary>
    /// <param name="Placeholder">Stands for the value in the help; null for a switch, which has no value.</param>
    private sealed record Option(string Name, string? Placeholder, string Description);
}
