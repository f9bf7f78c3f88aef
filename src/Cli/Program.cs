using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Azure;
using Azure.Identity;
using Cli.Bench;
using Cli.Doctor;
using Cli.Jobs;
using Cli.Models;
using Cli.Models.Stores;
using Cli.Output;
using Cli.Poison;
using Cli.Predict;
using Inference;
using StorageAccounts;

namespace Cli;

internal static class Program
{
    /// <summary>The time limit for a command to end cleanly after Ctrl+C.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>By default, the parser would replace a value such as <c>@name</c> by the content of the file <c>name</c>.</summary>
    private static readonly ParserConfiguration ParserSettings = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> Main(string[] args)
    {
        if (await ModelCheck.RunChildAsync(args) is { } exitCode)
            return exitCode;
        var ownOutput = SafeConsole.Install();
        var root = CreateRoot();
        args = Usage.Normalize(args, root);
        var parsed = root.Parse(args, ParserSettings);
        if (parsed.Action is ParseErrorAction && Usage.IsGroup(parsed))
            parsed = root.Parse([.. args, "--help"], ParserSettings);
        if (parsed.Action is ParseErrorAction || (parsed.Action is CommandHelp && parsed.UnmatchedTokens.Count > 0))
            return Fail(Usage.Describe(parsed), ExitCode.WrongUsage);
        if (Usage.DescribeEmpty(parsed) is { } problem)
            return Fail(problem, ExitCode.WrongUsage);
        var configuration = new InvocationConfiguration
        {
            Output = ownOutput,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = ShutdownTimeout,
        };
        return await RunAsync(parsed, configuration);
    }

    private static async Task<int> RunAsync(ParseResult parsed, InvocationConfiguration configuration)
    {
        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (CliException e)
        {
            return Fail(e.Message, e.ExitCode);
        }
        catch (OperationCanceledException)
        {
            return Fail("Cancelled.", ExitCode.Cancelled);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException)
        {
            return Fail($"The store cannot be used: {StoreOptions.DescribeFailure(e)}", ExitCode.Failed);
        }
        catch (Exception e)
            when (e is InferenceException or StorageSettingsException or InvalidDataException || FileFailure.Matches(e))
        {
            return Fail(FileFailure.Matches(e) ? FileFailure.Describe(e) : e.Message, ExitCode.Failed);
        }
        catch (AggregateException e)
        {
            return Fail($"The store does not respond: {StoreOptions.DescribeFailure(e)} Check --store and the network.", ExitCode.Failed);
        }
        catch (Exception e)
        {
            // Any other exception is a bug. It is printed here, because the runtime would not escape the server's texts in it.
            Console.Error.Write($"{e}\n");
            return ExitCode.Failed;
        }
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("Sends requests to an inference server, and manages the models in its folder or container.")
        {
            GlobalOptions.Endpoint,
            GlobalOptions.Key,
            GlobalOptions.Json,
            ModelsCommand.Create(),
            PredictCommand.Create(),
            JobsCommand.Create(),
            PoisonCommand.Create(),
            BenchCommand.Create(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
        };
        // A shell would offer the default aliases -?, /? and /h as completions, so they are removed.
        var help = root.Options.OfType<HelpOption>().Single();
        help.Aliases.Clear();
        help.Aliases.Add("-h");
        help.Action = new CommandHelp((HelpAction)help.Action!);
        return root;
    }

    private static int Fail(string message, int exitCode)
    {
        SafeConsole.WriteError(message);
        return exitCode;
    }
}
