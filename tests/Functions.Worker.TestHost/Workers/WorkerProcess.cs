using System.Diagnostics;
using System.Text;

namespace Functions.Worker.TestHost.Workers;

/// <summary>Runs the worker as the host does: in the app's folder, with the host's arguments and environment.</summary>
internal sealed class WorkerProcess : IWorker
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private WorkerProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += Read;
        _process.ErrorDataReceived += Read;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Exited = WaitAsync();
    }

    public Task<int> Exited { get; }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static WorkerProcess Start(AppRoot app, WorkerStart start, IReadOnlyDictionary<string, string> settings)
    {
        var executable = app.Executable ?? throw new InvalidDataException($"{app.Folder} has no worker.config.json.");
        var info = new ProcessStartInfo(executable, [.. app.Arguments, .. start.ToArguments()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = app.Folder,
        };
        info.Environment["FUNCTIONS_WORKER_DIRECTORY"] = app.Folder;
        info.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = app.Folder;
        foreach (var (name, value) in settings)
            info.Environment[name] = value;
        return new WorkerProcess(new Process { StartInfo = info });
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await Exited;
        _process.Dispose();
    }

    /// <summary>Waits until the process has ended and its output was read to the end.</summary>
    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private void Read(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_output)
            _output.AppendLine(line.Data);
    }
}
