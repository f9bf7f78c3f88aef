using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Inference;
using Inference.Models.Settings;

namespace Cli;

/// <summary>
/// Accepts command lines that users know from kubectl and docker, such as <c>help models</c>. Describes a wrong command line in one line.
/// </summary>
internal static class Usage
{
    /// <summary>Verbs of other tools, with the verb of inferctl for the same operation. They only suggest a correction.</summary>
    private static readonly Dictionary<string, string> Synonyms =
        new (string, string)[]
        {
            ("ls", "list"), ("ps", "list"), ("get", "show"), ("describe", "show"), ("info", "show"), ("rm", "remove"), ("delete", "remove"),
            ("cp", "push"), ("upload", "push"), ("add", "push"), ("download", "pull"), ("create", "submit"), ("stop", "cancel"),
            ("infer", "predict"), ("run", "predict"), ("check", "doctor"), ("perf", "bench"), ("benchmark", "bench"),
        }.ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Rewrites the verbs help and version to options: <c>help models</c> and <c>models help</c> become <c>models --help</c>.
    /// </summary>
    public static string[] Normalize(string[] args, Command root) => args switch
    {
        ["help", "help"] => ["--help"],
        ["help", .. var command] => [.. command, "--help"],
        [var group, "help", .. var verb] when IsGroup(root, group) => [group, .. verb, "--help"],
        ["version", .. var rest] => ["--version", .. rest],
        _ => args,
    };

    /// <summary>
    /// Whether the command line ends with a group of commands, such as <c>inferctl models</c>, whose help is then shown.
    /// </summary>
    public static bool IsGroup(ParseResult parsed) => parsed is { CommandResult.Command.Subcommands.Count: > 0, UnmatchedTokens: [] };

    private static bool IsGroup(Command root, string name) =>
        root.Subcommands.Any(command => command.Name == name && command.Subcommands.Count > 0);

    /// <summary>
    /// Describes the error of a command line in one line. The line ends with the command that shows the help, as in
    /// <c>See inferctl models --help.</c>
    /// </summary>
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var problem = parsed.UnmatchedTokens is [var token, ..] ? DescribeWrongSwitch(parsed, token) ?? DescribeUnknown(parsed, token)
            : FindMissing(parsed) is { Count: > 0 } missing ? $"{GetPath(command)} needs {Join(missing)}."
            : DescribeError(parsed);
        return $"{problem} See {GetPath(command)} --help.";
    }

    /// <summary>
    /// Describes the first argument or option whose value is empty, for example because a shell variable is not set. Returns null when no
    /// value is empty.
    /// </summary>
    public static string? DescribeEmpty(ParseResult parsed)
    {
        foreach (var child in parsed.CommandResult.Children.Concat(parsed.RootCommandResult.Children))
        {
            var name = child switch
            {
                ArgumentResult { Argument: var argument } => $"<{argument.Name}>",
                OptionResult { Option: var option } when !AcceptsEmptyValue(option) => option.Name,
                _ => null,
            };
            if (name is not null && child.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                return $"{name} is empty. See {GetPath(parsed.CommandResult.Command)} --help.";
        }

        return null;
    }

    /// <summary>
    /// Whether <see cref="DescribeEmpty"/> ignores an empty value of the option. A text can be empty, and an empty key is sent as it is.
    /// <see cref="CommandJson"/> describes empty JSON with an example.
    /// </summary>
    private static bool AcceptsEmptyValue(Option option) => option.Name is "--text" or "--key" or "--data" or "--sample";

    /// <summary>
    /// Describes the first error in the value of an option or argument. Without such an error, describes the first error of any kind.
    /// </summary>
    private static string DescribeError(ParseResult parsed)
    {
        foreach (var error in parsed.Errors)
        {
            if (error.SymbolResult is OptionResult { IdentifierTokenCount: > 1 and var count, Option: var repeated }
                && repeated.Arity.MaximumNumberOfValues == 1)
            {
                return $"{repeated.Name} is given {count} times. Give it once.";
            }

            if (error.SymbolResult is OptionResult { Option: var option, Tokens: [var token, ..] })
                return $"\"{Quote.Shorten(token.Value)}\" is not a value of {option.Name}: it needs {option.HelpName ?? "a number"}.";
            if (error.SymbolResult is OptionResult { Option: var empty })
                return $"{empty.Name} needs {empty.HelpName ?? "a value"}.";
            if (error.SymbolResult is ArgumentResult { Argument: var argument, Tokens: [var value, ..] })
            {
                var validValues = string.Join('|', argument.GetCompletions(CompletionContext.Empty).Select(item => item.Label));
                return $"\"{Quote.Shorten(value.Value)}\" is not a value of <{argument.Name}>: it needs {validValues}.";
            }
        }

        // The message of System.CommandLine lists the valid values on separate lines. All lines are joined to one.
        return string.Join(
            ' ', parsed.Errors[0].Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Returns the words that call a command, such as <c>inferctl models push</c>.</summary>
    public static string GetPath(Command command)
    {
        var names = new Stack<string>();
        for (Symbol? symbol = command; symbol is not null; symbol = symbol.Parents.FirstOrDefault())
            names.Push(symbol is RootCommand ? "inferctl" : symbol.Name);
        return string.Join(' ', names);
    }

    /// <summary>
    /// Describes a wrong value of an option that accepts true or false, such as <c>--header yes</c>. The parser does not assign such a
    /// value to the option. Returns null for every other token.
    /// </summary>
    private static string? DescribeWrongSwitch(ParseResult parsed, string token)
    {
        // The same text can also occur elsewhere, as in "predict yes --header yes".
        var precedingTexts = parsed.Tokens.Zip(parsed.Tokens.Skip(1))
            .Where(pair => pair.Second.Value == token)
            .Select(pair => pair.First.Value)
            .ToHashSet(StringComparer.Ordinal);
        var option = GetOptions(parsed.CommandResult.Command)
            .FirstOrDefault(option => option.ValueType == typeof(bool?) && precedingTexts.Contains(option.Name));
        return option is null ? null : $"\"{Quote.Shorten(token)}\" is not a value of {option.Name}: it needs {option.HelpName}.";
    }

    private static string DescribeUnknown(ParseResult parsed, string token)
    {
        var command = parsed.CommandResult.Command;
        if (token.StartsWith('-'))
        {
            string[] options = [.. GetOptions(command).SelectMany(option => option.Aliases.Append(option.Name))];
            if (options.Contains(token))
            {
                return parsed.Tokens.Any(other => other.Type == TokenType.DoubleDash)
                    ? $"\"{token}\" is not an option after \"--\". Write it before \"--\"."
                    : $"\"{token}\" is before its command. Write it after \"{GetPath(command)}\".";
            }

            return $"\"{Quote.Shorten(token)}\" is not an option of {GetPath(command)}.{ProblemText.SuggestSimilar(token, options)}";
        }

        if (command.Subcommands.Count == 0)
            return $"\"{Quote.Shorten(token)}\" is one argument too many for {GetPath(command)}.";
        return $"\"{Quote.Shorten(token)}\" is not a command of {GetPath(command)}.{SuggestVerb(command, token)}";
    }

    /// <summary>Suggests a verb of the command, or else a verb of one of its groups, such as <c>models list</c> for <c>ls</c>.</summary>
    private static string SuggestVerb(Command command, string token)
    {
        string[] verbs = [.. command.Subcommands.Select(child => child.Name)];
        var names = Synonyms.TryGetValue(token, out var synonym) ? (string[])[token, synonym] : [token];
        if (Array.Find(names, name => verbs.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } verb)
            return ProblemText.DidYouMean(verb.ToLowerInvariant());
        var nested = command.Subcommands
            .SelectMany(group => group.Subcommands.Select(child => (Group: group.Name, child.Name)))
            .FirstOrDefault(child => names.Contains(child.Name, StringComparer.OrdinalIgnoreCase));
        return nested.Name is null ? ProblemText.Suggest(token, verbs) : ProblemText.DidYouMean($"{nested.Group} {nested.Name}");
    }

    private static List<string> FindMissing(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var arguments = command.Arguments
            .Where(argument => (parsed.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues)
            .Select(argument => $"<{argument.Name}>");
        var options = GetOptions(command)
            .Where(option => option.Required && parsed.GetResult(option) is null or { Implicit: true })
            .Select(option => $"{option.Name} <{option.HelpName ?? "value"}>");
        return [.. arguments, .. options];
    }

    /// <summary>Returns the options of a command, and the options of its parent commands that also apply to the command.</summary>
    private static IEnumerable<Option> GetOptions(Command command)
    {
        for (var current = command; current is not null; current = current.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (var option in current.Options)
            {
                if (current == command || option.Recursive)
                    yield return option;
            }
        }
    }

    private static string Join(List<string> parts) =>
        parts.Count == 1 ? parts[0] : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";
}
