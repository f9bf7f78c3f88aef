using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Runs the completion scripts in the shells that they are written for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TempFolder _home = new();

    [Fact]
    public Task Bash_ATabInTheTerminal_CompletesTheCommand() =>
        TypeAsync("bash --rcfile $HOME/.bashrc -i", ".bashrc", "eval \"$(inferctl completion bash)\"");

    [ZshFact]
    public Task Zsh_ATabInTheTerminal_CompletesTheCommand() =>
        TypeAsync("zsh -i", ".zshrc", "autoload -Uz compinit; compinit -D -u\neval \"$(inferctl completion zsh)\"");

    [Theory]
    [InlineData("predict ", "classifier|org--iris")]
    [InlineData("models show or", "org--iris")]
    [InlineData("jobs submit cl", "classifier")]
    [InlineData("predict iris --format ", "csv|json|table")]
    [InlineData("predict iris --file x.csv --header ", "false|true")]
    [InlineData("models push . m --variant ", "fp16|fp32|quantized")]
    public async Task Values_AreThoseOfTheServerAndInLowerCase(string line, string expected)
    {
        // The names with "$" or a space are not model names. A shell could execute them.
        using var server = new HttpDouble(context => context.Response.OutputStream.Write(
            """{"models":[{"name":"org--iris"},{"name":"$(touch x)"},{"name":"a b"},{"name":"classifier"}]}"""u8));

        Assert.Equal(expected, await OfferAsync(("INFERCTL_ENDPOINT", server.Address), line));
    }

    [Fact]
    public async Task Names_ForAStore_AreThoseThatItHas()
    {
        Directory.CreateDirectory(_home.Combine("store", "iris", "1"));
        await File.WriteAllTextAsync(_home.Combine("store", "iris", "1", "model.onnx"), "");
        var line = $"models remove --store {_home.Combine("store")} ";

        Assert.Equal("iris", await OfferAsync(environment: null, line));
    }

    [Fact]
    public async Task Names_WithoutAServer_AreNone()
    {
        var offered = await CliProcess.RunAsync(("INFERCTL_ENDPOINT", "http://127.0.0.1:1"), "[suggest:8]", "predict ");

        Assert.Equal((0, ""), (offered.ExitCode, offered.Error));
    }

    /// <summary>Uses PowerShell's engine, because no package contains its terminal.</summary>
    [Theory]
    [InlineData("inferctl models pu", "pull push")]
    [InlineData("inferctl predict iris --ou", "--output")]
    [InlineData("$answer = inferctl jobs wat", "watch")]
    public async Task PowerShell_CompletesCommandsAndOptions(string line, string expected)
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateAliasEntry("inferctl", CliProcess.Executable));
        using var runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using var shell = PowerShell.Create(runspace);
        shell.AddScript(await CliProcess.RunSuccessfullyAsync("completion", "pwsh")).Invoke();
        Assert.Empty(shell.Streams.Error);
        shell.Commands.Clear();

        var completion = CommandCompletion.CompleteInput(line, line.Length, options: null, shell);

        Assert.Equal(expected, string.Join(' ', completion.CompletionMatches.Select(match => match.CompletionText)));
    }

    public void Dispose() => _home.Dispose();

    /// <summary>
    /// Returns the offered words. Repeats a command that offers none, because it gives up after two seconds, which are too few on a busy
    /// machine.
    /// </summary>
    private static async Task<string> OfferAsync((string Name, string Value)? environment, string line)
    {
        const int MaxAttempts = 20;
        var words = "";
        for (var attempt = 0; attempt < MaxAttempts && words.Length == 0; attempt++)
        {
            var offered = await CliProcess.RunAsync(environment, $"[suggest:{line.Length}]", line);
            Assert.True(offered.ExitCode == 0, offered.Error);
            words = string.Join('|', offered.Output.Split('\n')
                .Where(word => word.Length > 0 && !word.StartsWith('-')).Order(StringComparer.Ordinal));
        }

        return words;
    }

    /// <summary>Types half a command and a tab into a shell in a terminal, which the program <c>script</c> emulates.</summary>
    private async Task TypeAsync(string shell, string profile, string script)
    {
        await File.WriteAllTextAsync(_home.Combine(profile), script + "\n");
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--command", shell, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["HOME"] = start.Environment["ZDOTDIR"] = _home.Path;
        start.Environment["PATH"] = $"{Path.GetDirectoryName(CliProcess.Executable)}:{Environment.GetEnvironmentVariable("PATH")}";
        using var terminal = Process.Start(start)!;
        await terminal.StandardInput.WriteAsync("inferctl models ver\t--help\nexit\n");
        await terminal.StandardInput.FlushAsync();

        var output = await terminal.StandardOutput.ReadToEndAsync().WaitAsync(WaitLimit.Step);

        Assert.Contains("Compare a version in a store with its manifest", output, StringComparison.Ordinal);
    }

    /// <summary>Skips the test when zsh is not installed.</summary>
    private sealed class ZshFactAttribute : FactAttribute
    {
        public ZshFactAttribute() => Skip = File.Exists("/usr/bin/zsh") ? null : Reason;

        private static string Reason => "There is no /usr/bin/zsh: apt-get install zsh.";
    }
}
