using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Inference.Testing;

/// <summary>
/// A process of the storage emulator Azurite. A restart keeps the ports and the data, so a test can make the store unavailable for a while.
/// </summary>
public sealed partial class AzuriteFixture : IAsyncLifetime
{
    // Azurite's published account, the same on every machine.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly string _dataFolder = Directory.CreateTempSubdirectory("azurite-").FullName;
    private readonly StringBuilder _output = new();
    private string _installation = "";
    private Process? _process;

    /// <summary>The port of each service. Before the first start, each port is 0, so that the system chooses a free one.</summary>
    private readonly Dictionary<string, int> _ports = new() { ["Blob"] = 0, ["Queue"] = 0, ["Table"] = 0 };

    /// <summary>The connection string for AzureWebJobsStorage.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
        + $"BlobEndpoint={GetEndpoint("Blob")};QueueEndpoint={GetEndpoint("Queue")};TableEndpoint={GetEndpoint("Table")};";

    /// <summary>Azurite's output, for the message of a failed test.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public async Task InitializeAsync()
    {
        _installation = await Task.Run(static () => NpmInstallation.Ensure("azurite"));
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }

    /// <summary>Starts the process, unless it runs already.</summary>
    public async Task StartAsync()
    {
        for (var limit = Stopwatch.StartNew(); _process is null;)
        {
            try
            {
                await StartProcessAsync();
            }
            catch (InvalidOperationException) when (limit.Elapsed < WaitLimit.Step)
            {
                // StopAsync also waits for the rest of the output, which is read below.
                await StopAsync();
                // Another program's connection used the port while Azurite was stopped. The tests know only this port, so the start is
                // retried until the port is free.
                if (!Output.Contains("EADDRINUSE", StringComparison.Ordinal))
                    throw;
                lock (_output)
                    _output.Clear();
                await Task.Delay(RetryInterval);
            }
        }
    }

    private async Task StartProcessAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = CreateStartInfo(), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data, ready);
        process.ErrorDataReceived += (_, line) => Read(line.Data, ready);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"Azurite ended:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await ready.Task.WaitAsync(WaitLimit.Step);
    }

    /// <summary>Stops the process, unless it is stopped already. The data is kept for the next start.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        // Azurite writes its data and exits when its standard input closes.
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private ProcessStartInfo CreateStartInfo() => new(
        "node",
        [
            "run.cjs", "--location", _dataFolder, "--silent", "--disableTelemetry",
            // The client library may use a newer service version than this Azurite supports.
            "--skipApiVersionCheck",
            .. _ports.SelectMany(port => new[] { $"--{port.Key.ToLowerInvariant()}Port", $"{port.Value}" }),
        ])
    {
        WorkingDirectory = _installation,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private void Read(string? line, TaskCompletionSource ready)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (Listening().Match(line) is not { Success: true } match)
            return;
        _ports[match.Groups["service"].Value] = int.Parse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture);
        // The table service starts last.
        if (match.Groups["service"].Value == "Table")
            ready.TrySetResult();
    }

    private string GetEndpoint(string service) => $"http://127.0.0.1:{_ports[service]}/{Account}";

    [GeneratedRegex(@"Azurite (?<service>Blob|Queue|Table) service is successfully listening at \S+:(?<port>\d+)")]
    private static partial Regex Listening();
}
