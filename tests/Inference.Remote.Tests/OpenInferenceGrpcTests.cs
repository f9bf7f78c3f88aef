using Google.Protobuf;
using Grpc.Core;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Remote.Tests.Support;
using Inference.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Remote.Tests;

public sealed class OpenInferenceGrpcTests : IAsyncLifetime
{
    private const string Remote =
        """{"kind":"open-inference-grpc","url":"{url}","headers":{"x-tenant":"a"},"timeout":"00:05:00","maxResponseBytes":100000}""";

    private readonly GrpcDouble _double = new();
    private PeerServer _server = null!;

    public async Task InitializeAsync() => _server = await PeerServer.StartAsync(
        HttpProtocols.Http2,
        builder =>
        {
            builder.Services.AddGrpc();
            builder.Services.AddSingleton(_double);
        },
        app => app.MapGrpcService<GrpcDouble>());

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task RunAsync_Call_IsRawBothWaysAndSendsTheDeadline()
    {
        (string Json, string? Tenant, DateTime Deadline) seen = default;
        _double.Infer = (request, context) =>
        {
            seen = (request.ToString(), context.RequestHeaders.GetValue("x-tenant"), context.Deadline);
            return Task.FromResult(GrpcDouble.Double(request));
        };
        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url);

        var before = DateTime.UtcNow;
        var row = await sut.RunAsync(1.5f, -2);

        Assert.Equal("3 -4", row);
        Assert.Contains("\"rawInputContents\": [ \"AADAPwAAAMA=\" ]", seen.Json, StringComparison.Ordinal);
        Assert.Contains("\"outputs\": [ { \"name\": \"y\" } ]", seen.Json, StringComparison.Ordinal);
        Assert.Contains("\"timeout\": { \"int64Param\": \"300000000\" }", seen.Json, StringComparison.Ordinal);
        Assert.Equal("a", seen.Tenant);
        Assert.InRange(seen.Deadline, before, DateTime.UtcNow.AddMinutes(6));
        Assert.Equal("x:FP32[-1,2] y:FP32[-1,2] Dynamic", LoadedRemote.Text(sut.Session.Signature));
    }

    [Fact]
    public async Task RunAsync_TypedContents_AreAcceptedToo()
    {
        _double.Infer = (_, _) =>
        {
            var output = GrpcDouble.Output("FP32", 1, 2);
            output.Contents = new InferTensorContents { Fp32Contents = { 7, 8.5f } };
            return Task.FromResult(new ModelInferResponse { Outputs = { output } });
        };
        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url);

        Assert.Equal("7 8.5", await sut.RunAsync(1, 2));
    }

    [Fact]
    public async Task LoadAsync_ConfigurationOfTheServer_DecidesOnBatches()
    {
        _double.MaxBatchSize = 4;

        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url);

        Assert.Equal(4, sut.Session.Plan.MaxBatch);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, InferenceError.RuntimeFailure)]
    [InlineData(StatusCode.ResourceExhausted, InferenceError.Overloaded)]
    [InlineData(StatusCode.Unavailable, InferenceError.ModelUnavailable)]
    [InlineData(StatusCode.Unauthenticated, InferenceError.ModelUnavailable)]
    [InlineData(StatusCode.NotFound, InferenceError.ModelUnavailable)]
    [InlineData(StatusCode.DeadlineExceeded, InferenceError.DeadlineExceeded)]
    [InlineData(StatusCode.Internal, InferenceError.ModelUnavailable)]
    [InlineData(StatusCode.Cancelled, InferenceError.ModelUnavailable)]
    public async Task RunAsync_Status_IsMappedWithTheServersMessage(StatusCode status, InferenceError expected)
    {
        _double.Infer = (_, _) => throw new RpcException(new Status(status, "because"));
        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url);

        var error = await sut.FailAsync();

        Assert.Equal(expected, error.Error);
        Assert.EndsWith($"responded with {status}: because", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, "is missing")]
    [InlineData(1, 0, "0 elements")]
    [InlineData(1, 7, "binary data are 7 bytes")]
    [InlineData(2, 8, "2 outputs, but the data of 1")]
    [InlineData(1, 200_000, "exceeds the maximum")]
    public async Task RunAsync_InvalidResponse_NamesTheProblem(int outputs, int bytes, string expected)
    {
        _double.Infer = (_, _) =>
        {
            var response = new ModelInferResponse();
            for (var output = 0; output < outputs; output++)
                response.Outputs.Add(GrpcDouble.Output("FP32", 1, 2));
            if (bytes > 0)
                response.RawOutputContents.Add(ByteString.CopyFrom(new byte[bytes]));
            return Task.FromResult(response);
        };
        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url);

        var error = await sut.FailAsync();

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        AssertText.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CheckAsync_NoCallLately_CallsTheServer(bool isReady)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _double.IsReady = isReady;
        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url, time);
        time.Advance(PeerHealth.MaxAge);

        var failure = await sut.Session.CheckAsync(default);

        Assert.Equal(isReady, failure is null);
        Assert.Contains(isReady ? "" : "says that the model is not ready", failure?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_CallerLeaves_CancelsTheCall()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disconnected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _double.Infer = async (_, context) =>
        {
            using var registration = context.CancellationToken.Register(() => disconnected.TrySetResult());
            arrived.TrySetResult();
            await disconnected.Task;
            return new ModelInferResponse();
        };
        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url);
        using var caller = new CancellationTokenSource();

        var run = sut.RunAsync(1, 2, caller.Token);
        await arrived.Task.WaitAsync(WaitLimit.Step);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(WaitLimit.Step));
        await disconnected.Task.WaitAsync(WaitLimit.Step);
    }

    [Fact]
    public async Task RunAsync_ServerStopped_IsUnreachable()
    {
        await using var sut = await LoadedRemote.LoadAsync(Remote, _server.Url);
        await _server.DisposeAsync();

        // The first call may still use the old connection, which then breaks.
        Assert.Equal(InferenceError.ModelUnavailable, (await sut.FailAsync()).Error);
        var error = await sut.FailAsync();

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind":"open-inference-grpc","url":"{url}","model":"other"}""", "responded with NotFound: no model other")]
    [InlineData("""{"kind":"open-inference-grpc","url":"{url}/path"}""", "remote.url has a path")]
    public async Task LoadAsync_NoSuchThing_NamesTheMissingPart(string remote, string expected)
    {
        var error = await Assert.ThrowsAsync<InferenceException>(() => LoadedRemote.LoadAsync(remote, _server.Url));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        AssertText.Contains(expected, error.Message);
    }
}
