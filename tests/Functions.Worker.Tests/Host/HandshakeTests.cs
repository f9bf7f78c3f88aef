using Functions.Worker.Protocol;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Worker.Tests.Host;

public sealed class HandshakeTests
{
    [Fact]
    public async Task Init_AppListens_AnswersWithCapabilitiesAndAddress()
    {
        await using var app = await WorkerApp.StartAsync();

        var init = (await app.Host.RequestAsync(new() { WorkerInitRequest = new() }, Content.WorkerInitResponse)).WorkerInitResponse;

        Assert.Equal(StatusResult.Types.Status.Success, init.Result.Status);
        Assert.Matches("^http://127\\.0\\.0\\.1:[0-9]+/$", init.Capabilities["HttpUri"]);
        init.Capabilities.Remove("HttpUri");
        Assert.All(init.Capabilities.Values, value => Assert.Equal("True", value));
        Assert.Equal(
            [
                "EnableUserCodeException", "HandlesInvocationCancelMessage", "HandlesWorkerTerminateMessage",
                "IncludeEmptyEntriesInMessagePayload", "RawHttpBodyBytes", "RpcHttpBodyOnly", "RpcHttpTriggerMetadataRemoved",
                "TypedDataCollection", "UseNullableValueDictionaryForHttp", "WorkerStatus",
            ],
            init.Capabilities.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(".NET", init.WorkerMetadata.RuntimeName);
        Assert.NotEmpty(init.WorkerMetadata.RuntimeVersion);
        Assert.NotEmpty(init.WorkerMetadata.WorkerBitness);
        Assert.Equal(init.WorkerVersion, init.WorkerMetadata.WorkerVersion);
    }

    [Fact]
    public async Task Metadata_Requested_DescribesEveryFunction()
    {
        await using var app = await WorkerApp.StartAsync();

        var reply = await app.Host.RequestAsync(new() { FunctionsMetadataRequest = new() }, Content.FunctionMetadataResponse);

        var metadata = reply.FunctionMetadataResponse;
        Assert.Equal(StatusResult.Types.Status.Success, metadata.Result.Status);
        Assert.False(metadata.UseDefaultMetadataIndexing);
        Assert.Equal(app.Functions.Select(f => f.Name), metadata.FunctionMetadataResults.Select(f => f.Name));
        var ping = metadata.FunctionMetadataResults.Single(f => f.Name == "Ping");
        Assert.Equal(app.IdOf("Ping"), ping.FunctionId);
        Assert.Equal("dotnet-isolated", ping.Language);
        Assert.Equal("Functions.Worker.Tests.Functions.PlainFunctions.Ping", ping.EntryPoint);
        Assert.Equal("Functions.Worker.Tests.dll", ping.ScriptFile);
        Assert.Equal(app.Functions.Single(f => f.Name == "Ping").RawBindings, ping.RawBindings);
    }

    [Fact]
    public async Task Load_UnknownId_FailsThatOneOnly()
    {
        await using var app = await WorkerApp.StartAsync();
        var ping = app.IdOf("Ping");

        var one = await app.Host.RequestAsync(new() { FunctionLoadRequest = new() { FunctionId = ping } }, Content.FunctionLoadResponse);
        var both = new FunctionLoadRequestCollection();
        both.FunctionLoadRequests.Add(new[] { "x", ping }.Select(id => new FunctionLoadRequest { FunctionId = id }));
        var two = await app.Host.RequestAsync(new() { FunctionLoadRequestCollection = both }, Content.FunctionLoadResponseCollection);

        var loaded = one.FunctionLoadResponse;
        Assert.Equal((ping, StatusResult.Types.Status.Success), (loaded.FunctionId, loaded.Result.Status));
        var responses = two.FunctionLoadResponseCollection.FunctionLoadResponses;
        Assert.Equal(["x", ping], responses.Select(r => r.FunctionId));
        Assert.Equal([StatusResult.Types.Status.Failure, StatusResult.Types.Status.Success], responses.Select(r => r.Result.Status));
        Assert.Contains("'x'", responses[0].Result.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_FunctionRuns_AnswersAtOnce()
    {
        await using var app = await WorkerApp.StartAsync();
        var id = app.Announce("Wait");
        var request = app.ForwardAsync(id, "/api/wait");
        await app.Gate.Entered.WaitAsync(FakeHost.Timeout);

        await app.Host.RequestAsync(new() { WorkerStatusRequest = new() }, Content.WorkerStatusResponse);

        app.Gate.Release();
        await request;
        await app.Host.ResponseAsync(id);
    }

    [Fact]
    public async Task Reload_Requested_AnswersWithTheAddress()
    {
        await using var app = await WorkerApp.StartAsync();

        var reply =
            await app.Host.RequestAsync(new() { FunctionEnvironmentReloadRequest = new() }, Content.FunctionEnvironmentReloadResponse);

        Assert.Equal(StatusResult.Types.Status.Success, reply.FunctionEnvironmentReloadResponse.Result.Status);
        Assert.Equal(app.Client.BaseAddress!.ToString(), reply.FunctionEnvironmentReloadResponse.Capabilities["HttpUri"]);
    }

    [Fact]
    public async Task Warmup_Requested_Succeeds()
    {
        await using var app = await WorkerApp.StartAsync();

        var reply = await app.Host.RequestAsync(new() { WorkerWarmupRequest = new() }, Content.WorkerWarmupResponse);

        Assert.Equal(StatusResult.Types.Status.Success, reply.WorkerWarmupResponse.Result.Status);
    }

    [Fact]
    public async Task Receive_UnknownOrUnusableContent_IsIgnored()
    {
        await using var app = await WorkerApp.StartAsync();

        // The messages are: field 1000 of a later protocol, an empty message, bytes that are not Protobuf, and a duration out of range.
        app.Host.SendBytes([0x0a, 0x01, (byte)'r', 0xc2, 0x3e, 0x00]);
        app.Host.SendBytes([]);
        app.Host.SendBytes([0xff, 0xff, 0xff]);
        app.Host.Send(new() { WorkerTerminate = new() { GracePeriod = new() { Seconds = long.MaxValue } } });

        await app.Host.RequestAsync(new() { WorkerStatusRequest = new() }, Content.WorkerStatusResponse);
    }

    [Fact]
    public async Task Receive_MalformedInvocation_FailsIt()
    {
        await using var app = await WorkerApp.StartAsync();

        // The bytes are: request_id "for i", and an invocation_request with the invocation_id "i" and a truncated function_id.
        app.Host.SendBytes([0x0a, 0x05, .. "for i"u8, 0x22, 0x05, 0x0a, 0x01, (byte)'i', 0x12, 0x7f]);

        var response = await app.Host.ResponseAsync("i");
        Assert.Equal(StatusResult.Types.Status.Failure, response.Result.Status);
        await app.Host.RequestAsync(new() { WorkerStatusRequest = new() }, Content.WorkerStatusResponse);
    }
}
