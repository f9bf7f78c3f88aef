using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Inference.Testing;

namespace Functions.Worker.Tests.Support;

/// <summary>Runs this assembly's Program in a process of its own.</summary>
internal sealed partial class AppProcess : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _errors;

    public AppProcess(TempFolder currentDirectory, params string[] args)
        : this(currentDirectory, new Dictionary<string, string>(), args)
    {
    }

    public AppProcess(TempFolder currentDirectory, IReadOnlyDictionary<string, string> environment, string[] args)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(AppProcess).Assembly.Location, .. args])
        {
            WorkingDirectory = currentDirectory.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _errors = ReadErrorsAsync();
    }

    /// <summary>Waits until the app has begun. The app must have the switch --startup-trace.</summary>
    public Task EnteredAsync() => _entered.Task.WaitAsync(WaitLimit.Step);

    /// <summary>Waits for the log line with the app's address, and returns the address.</summary>
    public async Task<Uri> ListeningAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(WaitLimit.Step) is { } line)
        {
            if (ListeningOn().Match(line) is { Success: true } match)
                return new Uri(match.Groups[1].Value);
        }

        throw new InvalidOperationException($"The app has ended before it listened: {await _errors}");
    }

    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>
    /// Waits for the end of the process. Returns the exit code, the part of stdout that was not read before, and all of stderr.
    /// </summary>
    public async Task<(int Code, string Output, string Errors)> ExitAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync().WaitAsync(WaitLimit.Step);
        await _process.WaitForExitAsync().WaitAsync(WaitLimit.Step);
        return (_process.ExitCode, output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> ReadErrorsAsync()
    {
        var lines = new StringBuilder();
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lines.Append(line).Append('\n');
            if (line.EndsWith("main entered", StringComparison.Ordinal))
                _entered.TrySetResult();
        }

        return lines.ToString();
    }

    [GeneratedRegex("Now listening on: (\\S+)")]
    private static partial Regex ListeningOn();
}
