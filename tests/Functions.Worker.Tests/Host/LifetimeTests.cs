using System.Net.Sockets;
using System.Text;
using Functions.Worker.Protocol;
using Functions.Worker.Tests.Support;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Worker.Tests.Host;

/// <summary>Tests the start and the end of a worker's process.</summary>
public sealed class LifetimeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly TcpClient _client = new();
    private FakeHost _host = null!;
    private string _functionId = "";
    private Uri _httpUri = null!;

    public async Task InitializeAsync() => _host = await FakeHost.StartAsync();

    [Fact]
    public async Task Start_ByAHost_SendsItsWorkerIdFirst()
    {
        using var app = new AppProcess(_folder, _host.Arguments);

        var first = await _host.NextAsync(Content.StartStream);

        Assert.Equal(("worker-1", "request-1"), (first.StartStream.WorkerId, first.RequestId));
    }

    [Fact]
    public async Task Start_PartOfTheAppThrows_ReportsToTheHostAndEndsWithOneLine()
    {
        using var app = new AppProcess(_folder, new Dictionary<string, string> { ["Fail"] = "1" }, _host.Arguments);
        await _host.NextAsync(Content.StartStream);

        var init = await _host.RequestAsync(new() { WorkerInitRequest = new() }, Content.WorkerInitResponse);

        Assert.Equal(StatusResult.Types.Status.Failure, init.WorkerInitResponse.Result.Status);
        Assert.Equal("The models are not there.", init.WorkerInitResponse.Result.Exception.Message);
        var (code, _, errors) = await app.ExitAsync();
        Assert.Equal((1, "Cannot start: The models are not there.\n"), (code, errors));
        await _host.ExpectNothingMoreAsync();
    }

    [Fact]
    public async Task Start_HostIsNotThere_EndsWithOneLine()
    {
        var arguments = _host.Arguments;
        await _host.DisposeAsync();
        using var app = new AppProcess(_folder, arguments);

        await ExpectLossAsync(app);
    }

    [Fact]
    public async Task Terminate_InvocationRuns_LetsItFinishAndEndsWithZero()
    {
        using var app = await StartAsync("--startup-trace");
        using var reader = await BeginAsync();

        _host.Send(new() { WorkerTerminate = new() { GracePeriod = new() { Seconds = 300 } } });
        Announce("late");
        Assert.Equal(StatusResult.Types.Status.Failure, (await _host.ResponseAsync("late")).Result.Status);
        await _client.GetStream().WriteAsync("done"u8.ToArray());

        Assert.Contains("done", await reader.ReadToEndAsync().WaitAsync(FakeHost.Timeout), StringComparison.Ordinal);
        Assert.Equal(StatusResult.Types.Status.Success, (await _host.ResponseAsync("first")).Result.Status);
        var (code, _, errors) = await app.ExitAsync();
        Assert.Equal(0, code);
        await _host.ExpectNothingMoreAsync();
        Assert.All(
            [
                "main entered", "StartStream sent", "host built", "listening", "WorkerInitResponse sent", "functions loaded",
                "first invocation done",
            ],
            stage => Assert.Contains(stage, errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Terminate_GracePeriodOver_CancelsAndEndsWithZero()
    {
        using var app = await StartAsync();
        using var reader = await BeginAsync();

        _host.Send(new() { WorkerTerminate = new() });

        Assert.Equal(StatusResult.Types.Status.Cancelled, (await _host.ResponseAsync("first")).Result.Status);
        var (code, _, errors) = await app.ExitAsync();
        Assert.Equal((0, ""), (code, errors));
    }

    [Fact]
    public async Task EndStream_InvocationRuns_EndsWithOneLine()
    {
        using var app = await StartAsync();
        using var reader = await BeginAsync();

        _host.EndStream();

        await ExpectLossAsync(app);
    }

    [Fact]
    public async Task HostVanishes_Idle_EndsWithOneLine()
    {
        using var app = await StartAsync();

        await _host.DisposeAsync();

        await ExpectLossAsync(app);
    }

    [Fact]
    public async Task SigTerm_Idle_EndsWithZero()
    {
        using var app = await StartAsync();

        await app.TerminateAsync();

        var (code, _, errors) = await app.ExitAsync();
        Assert.Equal((0, ""), (code, errors));
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task ExpectLossAsync(AppProcess app)
    {
        var (code, _, errors) = await app.ExitAsync();
        Assert.Equal(1, code);
        var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("The connection to the Functions host was lost: ", line, StringComparison.Ordinal);
    }

    /// <summary>Starts a worker and performs the handshake.</summary>
    private async Task<AppProcess> StartAsync(params string[] args)
    {
        var app = new AppProcess(_folder, [.. _host.Arguments, .. args]);
        await _host.NextAsync(Content.StartStream);
        var init = await _host.RequestAsync(new() { WorkerInitRequest = new() }, Content.WorkerInitResponse);
        _httpUri = new Uri(init.WorkerInitResponse.Capabilities["HttpUri"]);
        var metadata = await _host.RequestAsync(new() { FunctionsMetadataRequest = new() }, Content.FunctionMetadataResponse);
        var functions = metadata.FunctionMetadataResponse.FunctionMetadataResults;
        foreach (var function in functions)
        {
            var load = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function };
            await _host.RequestAsync(new() { FunctionLoadRequest = load }, Content.FunctionLoadResponse);
        }

        _functionId = functions.Single(f => f.Name == "WaitForBody").FunctionId;
        return app;
    }

    /// <summary>
    /// Starts an invocation and returns when its response headers have arrived. The function then waits for a body of four bytes.
    /// </summary>
    private async Task<StreamReader> BeginAsync()
    {
        Announce("first");
        await _client.ConnectAsync(_httpUri.Host, _httpUri.Port);
        var stream = _client.GetStream();
        await stream.WriteAsync(
            "POST /api/wait-for-body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\nx-ms-invocation-id: first\r\n\r\n"u8
                .ToArray());
        var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync().WaitAsync(FakeHost.Timeout));
        return reader;
    }

    private void Announce(string id) =>
        _host.Send(new() { RequestId = $"for {id}", InvocationRequest = new() { InvocationId = id, FunctionId = _functionId } });
}
