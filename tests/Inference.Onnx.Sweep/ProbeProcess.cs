using System.Diagnostics;
using System.Text.Json;

namespace Inference.Onnx.Sweep;

/// <summary>Runs jobs in a child process, which is started again after a crash.</summary>
/// <param name="limit">The limit of one job. The first job includes the start of the process.</param>
public sealed class ProbeProcess(TimeSpan limit) : IDisposable
{
    public const string Argument = "probe";

    private Process? _process;

    public async Task<ProbeResult> RunAsync(ProbeJob job)
    {
        var process = _process ??= Start();
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(job));
            await process.StandardInput.FlushAsync();
            if (await process.StandardOutput.ReadLineAsync().WaitAsync(limit) is { } line)
                return JsonSerializer.Deserialize<ProbeResult>(line)!;
            await process.WaitForExitAsync();
            var result = ProbeResult.Failed(ProbeOutcome.Crashed, $"exit code {process.ExitCode}");
            Dispose();
            return result;
        }
        catch (TimeoutException)
        {
            Dispose();
            return ProbeResult.Failed(ProbeOutcome.TimedOut, $"no end within {limit.TotalSeconds} s");
        }
    }

    public void Dispose()
    {
        if (_process is not { } process)
            return;
        _process = null;
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }

    private static Process Start()
    {
        var assembly = typeof(ProbeProcess).Assembly.Location;
        // Standard error is discarded, because the output of a crash would fill the pipe.
        return Process
            .Start(new ProcessStartInfo("bash", ["-c", "ulimit -c 0; exec dotnet exec \"$0\" \"$1\" 2>/dev/null", assembly, Argument])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
    }
}
