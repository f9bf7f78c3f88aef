using System.Diagnostics;
using System.Text.RegularExpressions;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Documents;

/// <summary>
/// Follows a page of the documentation: runs its commands in order in one terminal, in a folder with the repository's models and samples.
/// Servers run in a second terminal. The command <c>dotnet</c> builds nothing: it starts or links the executables under test. The ports on
/// the page are replaced with free ports, because other tests use them.
/// </summary>
internal sealed partial class DocumentReader : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _tools = new();
    private readonly string _storage;
    private FunctionsProcess? _server;

    /// <param name="storage">The connection string of the storage that the page calls <c>UseDevelopmentStorage=true</c>.</param>
    public DocumentReader(string storage)
    {
        _storage = storage;
        foreach (var model in (string[])["digits", "entities", "iris"])
            Copy(ServedModels.PathOf(model, "1"), _folder.Combine("models", model, "1"));
        Copy(Path.Combine(DocumentedBlock.Repository, "samples"), _folder.Combine("samples"));
        WriteDotnet();
    }

    /// <summary>The file with the exported variables of the terminal, which the next command reads.</summary>
    private string VariablesFile => _tools.Combine("terminal");

    /// <summary>Starts a server with the models of the repository, for a page that does not start one.</summary>
    public async Task ServeShippedAsync()
    {
        Copy(_folder.Combine("models"), _folder.Combine("served"));
        await ServeAsync("Models__Source=$PWD/served dotnet run --project src/Functions");
    }

    /// <summary>Stops the server in the second terminal, and starts another server there.</summary>
    public async Task ServeAsync(string command)
    {
        await EndServerAsync();
        _server = await FunctionsProcess.StartShellAsync(
            _folder.Path, CreateScript(command), ("PATH", SearchPath), ("urls", "http://127.0.0.1:0"),
            ("Models__CacheDirectory", _tools.Combine("cache")));
    }

    /// <summary>Replaces the addresses on the page with the address of the started server.</summary>
    public string WithAddress(string text) => LocalAddress().Replace(
        text, match => match.Value.StartsWith('0') ? "127.0.0.1:0" : _server?.Client.BaseAddress!.Authority ?? match.Value);

    /// <summary>Runs commands that must succeed.</summary>
    /// <returns>The text on stdout, followed by the text on stderr.</returns>
    public async Task<string> RunAsync(string command)
    {
        var start = new ProcessStartInfo("bash", ["-e", "-o", "pipefail", "-c", $"{CreateScript(command)}\ndeclare -px > {VariablesFile}"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = SearchPath;
        using var bash = Process.Start(start)!;
        bash.StandardInput.Close();
        var output = bash.StandardOutput.ReadToEndAsync();
        var errors = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, $"{command}\nended with {bash.ExitCode}: {errors}{await output}\n{_server?.LastOutput()}");
        return await output + errors;
    }

    public async ValueTask DisposeAsync()
    {
        await EndServerAsync();
        _folder.Dispose();
        _tools.Dispose();
    }

    /// <summary>The folders of the system come before PATH, because only the system's Python has scikit-learn and onnx.</summary>
    private string SearchPath => string.Join(
        ':', _tools.Path, "/usr/bin", "/bin", Environment.GetEnvironmentVariable("PATH"), Path.GetDirectoryName(CliProcess.Executable));

    private string CreateScript(string command)
    {
        var text = WithAddress(command).Replace("UseDevelopmentStorage=true", $"'{_storage}'", StringComparison.Ordinal);
        var endpoint = _server is null ? "" : $"export INFERCTL_ENDPOINT={_server.Client.BaseAddress}\n";
        return $"[ ! -e {VariablesFile} ] || source {VariablesFile}\n{endpoint}{text}";
    }

    private async Task EndServerAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    private void WriteDotnet()
    {
        var dotnet = _tools.Combine("dotnet");
        File.WriteAllText(dotnet, $$"""
            #!/bin/bash
            set -e
            case "$*" in
              "run --project src/Functions") exec {{FunctionsProcess.Executable}} ;;
              "publish src/Functions -c Release -r linux-x64 -o artifacts/app") executable={{FunctionsProcess.Executable}} ;;
              "publish src/Cli -c Release -r linux-x64 -o artifacts/cli") executable={{CliProcess.Executable}} ;;
              *) echo "This dotnet does not know: $*" >&2; exit 1 ;;
            esac
            mkdir -p artifacts
            ln -sfn "$(dirname "$executable")" "${@: -1}"

            """.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    [GeneratedRegex(@"(127\.0\.0\.1|localhost|0\.0\.0\.0):(7071|8080)")]
    private static partial Regex LocalAddress();
}
