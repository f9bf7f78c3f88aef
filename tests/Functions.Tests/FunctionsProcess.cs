using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Functions.Tests.Http;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>The real executable as a standalone process on a free port.</summary>
public sealed partial class FunctionsProcess : IAsyncDisposable
{
    private static readonly string[] Arguments = ["--urls", "http://127.0.0.1:0"];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> _grpcAddress = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FunctionsProcess(Process process) => _process = process;

    /// <summary>
    /// The path of the published executable in FUNCTIONS_EXECUTABLE, or else of the executable that was built with the tests.
    /// </summary>
    public static string Executable =>
        Environment.GetEnvironmentVariable("FUNCTIONS_EXECUTABLE") is { Length: > 0 } published
            ? published
            : typeof(FunctionsProcess).Assembly
                .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "FunctionsExecutable").Value!;

    public static bool IsPublished => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("FUNCTIONS_EXECUTABLE"));

    /// <summary>Whether the published app uses Microsoft's engine: managed code that only runs under a Functions host.</summary>
    public static bool IsOfficial => IsPublished && File.Exists($"{Executable}.dll");

    /// <summary>Whether the app was published for the Azure runtime of native executables, which starts a file named "app".</summary>
    public static bool IsForNativeRuntime => IsPublished && Path.GetFileName(Executable) == "app";

    public HttpClient Client { get; } = new() { Timeout = WaitLimit.Step };

    /// <summary>The address of gRPC, when Grpc__Urls is set: the second address that the log shows.</summary>
    public Task<Uri> GrpcAddress => _grpcAddress.Task.WaitAsync(WaitLimit.Step);

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static Task<FunctionsProcess> StartAsync(params (string Name, string Value)[] settings) =>
        StartAsync(new ProcessStartInfo(Executable, Arguments), settings);

    /// <summary>Starts the executable under a limit, which a shell command such as <c>ulimit -n 100</c> sets.</summary>
    public static Task<FunctionsProcess> StartLimitedAsync(string limit, params (string Name, string Value)[] settings) =>
        StartAsync(new ProcessStartInfo("bash", ["-c", $"{limit}; exec \"$0\" \"$@\"", Executable, .. Arguments]), settings);

    /// <summary>Starts a shell script in a folder, which starts the server. The script must not add another address.</summary>
    public static Task<FunctionsProcess> StartShellAsync(string folder, string script, params (string Name, string Value)[] settings) =>
        StartAsync(new ProcessStartInfo("bash", ["-ec", script]) { WorkingDirectory = folder }, settings);

    private static async Task<FunctionsProcess> StartAsync(ProcessStartInfo start, (string Name, string Value)[] settings)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        if (start.WorkingDirectory.Length == 0)
            start.WorkingDirectory = Path.GetTempPath();
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        var started = new FunctionsProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        await started.StartAsync();
        return started;
    }

    /// <summary>Sends SIGTERM, as an orchestrator does, without waiting for the end.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Stops all threads until <see cref="Resume"/>, as when a virtual machine is frozen.</summary>
    public void Suspend() => Signal("STOP");

    public void Resume() => Signal("CONT");

    /// <summary>Kills the process, as the kernel does when memory runs out.</summary>
    public void Kill() => _process.Kill();

    public Task<int> WaitForExitAsync() => WaitForExitAsync(WaitLimit.Step);

    public async Task<int> WaitForExitAsync(TimeSpan time)
    {
        using var limit = new CancellationTokenSource(time);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Completes when the output contains the text at least <paramref name="times"/> times.</summary>
    public async Task WaitForOutputAsync(string text, int times = 1)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        DataReceivedEventHandler check = (_, _) =>
        {
            if (Output.Split(text).Length > times)
                found.TrySetResult();
        };
        _process.OutputDataReceived += check;
        _process.ErrorDataReceived += check;
        check(this, null!);
        await found.Task.WaitAsync(WaitLimit.Step);
        _process.OutputDataReceived -= check;
        _process.ErrorDataReceived -= check;
    }

    /// <summary>Completes when the server is ready, after its first listing of the models. The server listens before that.</summary>
    public Task WaitUntilReadyAsync() => WaitUntilAsync(async () =>
    {
        using var response = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return response.IsSuccessStatusCode;
    });

    /// <summary>Waits for a condition that the process brings about. The process sends no signal, so the condition is polled.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, Output);
            await pause.WaitForNextTickAsync();
        }
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json, CancellationToken cancellationToken = default) =>
        Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"), cancellationToken);

    /// <summary>
    /// Posts JSON, checks for status 200, and returns the JSON of the response. A request that is refused for overload is repeated, because
    /// on a busy machine the callers of a test may exceed what the server can do. No other refusal is repeated.
    /// </summary>
    public async Task<JsonElement> PostJsonAsync(string path, string json)
    {
        var (status, text) = (HttpStatusCode.OK, "");
        await WaitUntilAsync(async () =>
        {
            using var response = await PostAsync(path, json);
            (status, text) = (response.StatusCode, await response.Content.ReadAsStringAsync());
            return !response.IsOverloaded();
        });
        Assert.True(status == HttpStatusCode.OK, $"POST {path} with {json[..Math.Min(json.Length, 200)]}: {status} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Returns the JSON of a response.</summary>
    /// <exception cref="HttpRequestException">
    /// The status is not a success. The message has the body and, for an error of the server, the end of its output.
    /// </exception>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        if (response.IsSuccessStatusCode)
            return JsonElement.Parse(text);
        var log = response.StatusCode < HttpStatusCode.InternalServerError ? "" : $"\n{LastOutput()}";
        throw new HttpRequestException($"GET {path}: {response.StatusCode} {text}{log}");
    }

    /// <summary>Returns the resident memory of the process in bytes, including mapped files.</summary>
    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>Returns the maximum resident memory of the process so far, in bytes.</summary>
    public long PeakResidentBytes()
    {
        const string Peak = "VmHWM:";
        var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(Peak, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Peak.Length).Trim().TrimEnd("kB").Trim(), System.Globalization.CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>Returns the end of the output, for messages.</summary>
    public string LastOutput() => Output is var all && all.Length > 2000 ? all[^2000..] : Output;

    /// <summary>Returns the time that the process has used on all processors.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>Starts a process and kills it after a time, whether or not the process already listens.</summary>
    public static async Task StartAndKillAsync(TimeSpan after, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Executable, Arguments) { WorkingDirectory = Path.GetTempPath(), RedirectStandardOutput = true };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await Task.Delay(after);
        process.Kill();
        await process.WaitForExitAsync();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task StartAsync()
    {
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) =>
        {
            // Waits for the last lines of the output, which may arrive after the event.
            _process.WaitForExit();
            _address.TrySetException(new InvalidOperationException($"It ended with {_process.ExitCode}:\n{Output}"));
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            Client.BaseAddress = await _address.Task.WaitAsync(WaitLimit.Step);
        }
        catch
        {
            // The test does not get this object, so the process would otherwise run until the end of all tests.
            await DisposeAsync();
            throw;
        }
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (ListeningOn().Match(line) is { Success: true } match && !_address.TrySetResult(new Uri(match.Groups[1].Value)))
            _grpcAddress.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex("Now listening on: (http://[^\\s\"]+)")]
    private static partial Regex ListeningOn();
}
