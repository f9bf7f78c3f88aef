using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Cli.Output;

namespace Cli;

/// <summary>Prints help that fits the width of the terminal, and ends with examples.</summary>
internal sealed class CommandHelp(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (Terminal.Width is { } width)
            help.MaxWidth = width;
        var exitCode = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in Examples.For(parseResult.CommandResult.Command))
            output.WriteLine($"  {example}");
        return exitCode;
    }
}
