using Inference.Remote.Tests.Support;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Remote.Tests;

/// <summary>A remote model is ready if a recent call has succeeded. Without a recent call, a probe of its server decides.</summary>
public sealed class ReadinessTests : IAsyncLifetime
{
    private const string Ready = "/v2/models/m/ready";

    private readonly FakeTimeProvider _time = new();
    private PeerServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await TritonDouble.StartAsync();
        _server.Answer(Ready, "{}");
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task CheckAsync_CallsSucceededLately_CallsNoServer()
    {
        await using var sut = await LoadAsync();
        Assert.Null(await sut.Session.CheckAsync(default));
        _time.Advance(PeerHealth.MaxAge);
        await sut.RunAsync(1, 2);

        Assert.Null(await sut.Session.CheckAsync(default));
        Assert.Equal(0, _server.Count(Ready));
    }

    [Fact]
    public async Task CheckAsync_NoCallLately_CallsTheServerOccasionally()
    {
        await using var sut = await LoadAsync();
        _time.Advance(PeerHealth.MaxAge);

        for (var check = 0; check < 3; check++)
            Assert.Null(await sut.Session.CheckAsync(default));
        Assert.Equal(1, _server.Count(Ready));

        _time.Advance(PeerHealth.MaxAge);
        Assert.Null(await sut.Session.CheckAsync(default));
        Assert.Equal(2, _server.Count(Ready));
    }

    [Fact]
    public async Task CheckAsync_ServerIsNotReady_SaysSoUntilItIs()
    {
        await using var sut = await LoadAsync();
        _server.Refuse(Ready, 503, """{"error":"still loading"}""");
        _time.Advance(PeerHealth.MaxAge);

        var failure = await sut.Session.CheckAsync(default);
        _server.Answer(Ready, "{}");
        var believed = await sut.Session.CheckAsync(default);

        Assert.Equal(InferenceError.ModelUnavailable, failure!.Error);
        Assert.Contains("responded with 503: still loading", failure.Message, StringComparison.Ordinal);
        Assert.Equal(failure.Message, believed!.Message);
        Assert.Equal(failure.Message, sut.Session.KnownFault!.Message);

        _time.Advance(PeerHealth.MaxAge);
        Assert.Null(await sut.Session.CheckAsync(default));
        Assert.Null(sut.Session.KnownFault);
    }

    [Fact]
    public async Task CheckAsync_ACallSucceedsMeanwhile_IsReadyAgain()
    {
        await using var sut = await LoadAsync();
        _server.Refuse(Ready, 500, "");
        _time.Advance(PeerHealth.MaxAge);
        Assert.NotNull(await sut.Session.CheckAsync(default));

        await sut.RunAsync(1, 2);

        Assert.Null(sut.Session.KnownFault);
        Assert.Null(await sut.Session.CheckAsync(default));
    }

    [Fact]
    public async Task CheckAsync_ACallFailed_CallsTheServerAtOnce()
    {
        await using var sut = await LoadAsync();
        _server.Refuse(TritonDouble.Infer, 500, "");
        await sut.FailAsync();

        Assert.Null(await sut.Session.CheckAsync(default));
        Assert.Equal(1, _server.Count(Ready));
    }

    [Fact]
    public async Task CheckAsync_ServerHangs_IsNotReadyAfterTwoSecondsHoweverManyAsk()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Handlers[Ready] = async context =>
        {
            var disconnected = new TaskCompletionSource();
            using var registration = context.RequestAborted.Register(disconnected.SetResult);
            arrived.TrySetResult();
            await disconnected.Task;
        };
        await using var sut = await LoadAsync();
        _time.Advance(PeerHealth.MaxAge);

        var checks = Enumerable.Range(0, 10).Select(_ => sut.Session.CheckAsync(default)).ToList();
        await arrived.Task.WaitAsync(WaitLimit.Step);
        _time.Advance(TimeSpan.FromSeconds(2));
        var failures = await Task.WhenAll(checks).WaitAsync(WaitLimit.Step);

        Assert.All(failures, failure => Assert.Contains("did not report within 2 s", failure!.Message, StringComparison.Ordinal));
        Assert.Equal(1, _server.Count(Ready));
    }

    [Fact]
    public async Task CheckAsync_CallerLeaves_BreaksTheProbeOff()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disconnected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Handlers[Ready] = async context =>
        {
            using var registration = context.RequestAborted.Register(() => disconnected.TrySetResult());
            arrived.TrySetResult();
            await disconnected.Task;
        };
        await using var sut = await LoadAsync();
        _time.Advance(PeerHealth.MaxAge);
        using var caller = new CancellationTokenSource();

        var check = sut.Session.CheckAsync(caller.Token);
        await arrived.Task.WaitAsync(WaitLimit.Step);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check.WaitAsync(WaitLimit.Step));
        await disconnected.Task.WaitAsync(WaitLimit.Step);
    }

    [Theory]
    [InlineData("AVAILABLE", null)]
    [InlineData("END", "says that no version of the model is available")]
    public async Task CheckAsync_TensorFlowServing_IsCalledForItsStatus(string state, string? expected)
    {
        const string Tensor = """{"dtype":"DT_FLOAT","tensor_shape":{"dim":[{"size":"-1"},{"size":"2"}]}}""";
        const string Metadata =
            """{"metadata":{"signature_def":{"signature_def":{"serving_default":{"inputs":{"x":TENSOR},"outputs":{"y":TENSOR}}}}}}""";
        _server.Answer("/v1/models/m/metadata", Metadata.Replace("TENSOR", Tensor, StringComparison.Ordinal));
        _server.Answer(
            "/v1/models/m", $$"""{"model_version_status":[{"version":"2","state":"END"},{"version":"1","state":"{{state}}"}]}""");
        await using var sut = await LoadedRemote.LoadAsync("""{"kind":"tensorflow-serving","url":"{url}"}""", _server.Url, _time);
        _time.Advance(PeerHealth.MaxAge);

        var failure = await sut.Session.CheckAsync(default);

        Assert.Equal(expected is null, failure is null);
        Assert.Contains(expected ?? "", failure?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_JsonService_IsReadyWhileItAnswersAnything()
    {
        const string Service = """
            {"kind":"json","url":"{url}/score","json":{
              "inputs":[{"name":"x","datatype":"FP32","shape":[-1,2],"at":"/x"}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,2],"at":"/y"}]}}
            """;
        _server.Refuse("/score", 500, "");
        await using var sut = await LoadedRemote.LoadAsync(Service, _server.Url, _time);
        _time.Advance(PeerHealth.MaxAge);
        Assert.Null(await sut.Session.CheckAsync(default));

        var url = _server.Url;
        await _server.DisposeAsync();
        _time.Advance(PeerHealth.MaxAge);
        // The first check may still use the old connection.
        await sut.Session.CheckAsync(default);
        _time.Advance(PeerHealth.MaxAge);

        Assert.Contains("cannot be reached", (await sut.Session.CheckAsync(default))!.Message, StringComparison.Ordinal);
        var unloaded = await Assert.ThrowsAsync<InferenceException>(() => LoadedRemote.LoadAsync(Service, url));
        Assert.Contains("cannot be reached", unloaded.Message, StringComparison.Ordinal);
    }

    private Task<LoadedRemote> LoadAsync() => LoadedRemote.LoadAsync(TritonDouble.Remote, _server.Url, _time);
}
