using System.Diagnostics;
using Inference.Testing;

namespace Inference.Remote.Tests.Support;

/// <summary>Runs model_service.py in a process of its own.</summary>
internal sealed class PythonService : IDisposable
{
    private readonly Process _process;

    private PythonService(Process process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    public static async Task<PythonService> StartAsync()
    {
        var start = new ProcessStartInfo("python3",
            [Path.Combine(AppContext.BaseDirectory, "Support", "model_service.py")])
        { RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var port = await process.StandardOutput.ReadLineAsync().WaitAsync(WaitLimit.Step);
        return new PythonService(process, $"http://127.0.0.1:{port}");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
