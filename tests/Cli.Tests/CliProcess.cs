using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Runs the real executable of inferctl, once for each command.</summary>
internal static partial class CliProcess
{
    /// <summary>The width of the terminal of <see cref="RunSuccessfullyInTerminalAsync(string[])"/>, in characters.</summary>
    public const int TerminalWidth = 100;

    private const int InterruptSignal = 2;

    /// <summary>
    /// The path of the executable: the published one that INFERCTL_EXECUTABLE names, or else the one that was built with the tests.
    /// </summary>
    public static string Executable =>
        Environment.GetEnvironmentVariable("INFERCTL_EXECUTABLE") is { Length: > 0 } published
            ? published
            : typeof(CliProcess).Assembly
                .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "CliExecutable").Value!;

    /// <summary>Whether the tests run the published executable.</summary>
    public static bool IsPublished => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("INFERCTL_EXECUTABLE"));

    public static Task<CliResult> RunAsync(params string[] arguments) => RunAsync(environment: null, arguments);

    public static async Task<CliResult> RunAsync((string Name, string Value)? environment, params string[] arguments)
    {
        using var process = Start(environment, Executable, arguments);
        return await FinishAsync(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs a command that must succeed in a terminal, which the program <c>script</c> emulates.</summary>
    /// <returns>The text on the screen at the end, output and errors, without control sequences.</returns>
    public static Task<string> RunSuccessfullyInTerminalAsync(params string[] arguments) =>
        RunSuccessfullyInTerminalAsync(environment: null, arguments);

    public static async Task<string> RunSuccessfullyInTerminalAsync((string Name, string Value)? environment, params string[] arguments)
    {
        var result = await RunInTerminalAsync(TerminalWidth, environment, arguments);
        Assert.True(result.ExitCode == 0, result.Output);
        return GetScreenText(result);
    }

    /// <summary>Runs a command in a terminal with the given number of columns.</summary>
    /// <returns>The output and the errors together, as <see cref="CliResult.Output"/>, with control sequences.</returns>
    public static async Task<CliResult> RunInTerminalAsync(
        int width, (string Name, string Value)? environment, params string[] arguments)
    {
        var command = string.Join(' ', arguments.Prepend(Executable).Select(argument => $"'{argument}'"));
        using var process =
            Start(environment, "script", ["--quiet", "--return", "--command", $"stty cols {width} && {command}", "/dev/null"]);
        return await FinishAsync(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs a command in a terminal in which the user types a line.</summary>
    public static async Task<CliResult> RunInTerminalWithLineAsync(string line, params string[] arguments)
    {
        var command = string.Join(' ', arguments.Prepend(Executable).Select(argument => $"'{argument}'"));
        using var process = Start(
            environment: null, "bash",
            ["-c", "echo \"$0\" | script --quiet --return --command \"$1\" /dev/null", line, command]);
        return await FinishAsync(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Returns the text on the screen at the end: without control sequences, and without lines that were overwritten.</summary>
    public static string GetScreenText(CliResult result) => string.Join('\n',
        ControlSequence().Replace(result.Output.Replace("\r\n", "\n", StringComparison.Ordinal), "")
            .Split('\n').Select(line => line.Split('\r')[^1]));

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>The text on stdout.</returns>
    public static async Task<string> RunSuccessfullyAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"{result.ExitCode}: {result.Error}");
        return result.Output;
    }

    public static async Task<JsonElement> RunForJsonAsync(params string[] arguments) =>
        JsonElement.Parse(await RunSuccessfullyAsync([.. arguments, "--json"]));

    /// <summary>Runs a command until a condition is met, and then kills the command or sends SIGINT, as Ctrl+C does.</summary>
    /// <param name="wait">
    /// Waits for the condition. The first parameter is the command's stdout. The result is the text that was read from the stdout.
    /// </param>
    public static async Task<CliResult> InterruptAsync(
        (string Name, string Value)? environment,
        Func<StreamReader, CancellationToken, Task<string>> wait,
        bool kill,
        params string[] arguments)
    {
        // A shell starts background jobs with SIGINT ignored, which child processes inherit. The program env stops ignoring the signal.
        using var process = Start(environment, "env", ["--default-signal=INT", Executable, .. arguments]);
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        string output;
        try
        {
            output = await wait(process.StandardOutput, limit.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new TimeoutException($"The condition was not met in time:\n{await error}", e);
        }

        if (kill)
            process.Kill();
        else
            Signal(process, InterruptSignal);
        var rest = await FinishAsync(process, process.StandardOutput.ReadToEndAsync(), error);
        return rest with { Output = output + rest.Output };
    }

    /// <summary>Runs a command whose files cannot grow beyond a size, as on a full disk.</summary>
    public static async Task<CliResult> RunWithFileLimitAsync(int kibibytes, params string[] arguments)
    {
        // The signal XFSZ would end the process before it sees the error.
        string[] shell = ["-c", $"trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"", Executable, .. arguments];
        // With this setting, the runtime has no file in memory, which would be larger than the limit.
        using var process = Start(("DOTNET_EnableWriteXorExecute", "0"), "bash", shell);
        return await FinishAsync(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs a command whose stdout a shell redirects to a file, between the lines <c>first</c> and <c>last</c>.</summary>
    public static async Task<CliResult> RunRedirectedAsync(string file, params string[] arguments)
    {
        string[] shell =
            ["-c", "exec > \"$REDIRECT\"; echo first; \"$0\" \"$@\"; code=$?; echo last; exit $code", Executable, .. arguments];
        using var process = Start(("REDIRECT", file), "bash", shell);
        return await FinishAsync(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs a command whose stdout a shell closes.</summary>
    public static async Task<CliResult> RunWithoutOutputAsync(params string[] arguments)
    {
        using var process = Start(environment: null, "bash", ["-c", "exec \"$0\" \"$@\" >&-", Executable, .. arguments]);
        return await FinishAsync(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    private static Process Start((string Name, string Value)? environment, string executable, string[] arguments)
    {
        var start = new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (environment is var (name, value))
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private static async Task<CliResult> FinishAsync(Process process, Task<string> output, Task<string> error)
    {
        using var limit = new CancellationTokenSource(WaitLimit.Program);
        await process.WaitForExitAsync(limit.Token);
        return new CliResult(process.ExitCode, await output, await error);
    }

    private static void Signal(Process process, int signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]|\e[=>]")]
    private static partial Regex ControlSequence();
}

internal sealed record CliResult(int ExitCode, string Output, string Error);
