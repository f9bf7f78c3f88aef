using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>Performs the steps from an open stream to loaded functions, in the host's order.</summary>
internal sealed class Handshake(WorkerStream stream, string appRoot, HostLimits limits, ProtocolViolations violations)
{
    private const string HostVersion = "4.1041.200";

    /// <returns>The worker's capabilities.</returns>
    public async Task<IReadOnlyDictionary<string, string>> InitializeAsync()
    {
        var request = new WorkerInitRequest
        {
            HostVersion = HostVersion,
            WorkerDirectory = appRoot,
            FunctionAppDirectory = appRoot,
            Capabilities = { ["MultiStream"] = bool.TrueString },
        };
        var reply = await stream.RequestAsync(
            new() { WorkerInitRequest = request }, ReplyKeys.ForKind(Content.WorkerInitResponse), limits.Initialize);
        var response = reply.WorkerInitResponse;
        RequireSuccess("WorkerInitResponse", response.Result);
        if (string.IsNullOrEmpty(response.WorkerMetadata?.RuntimeName))
            violations.Add("WorkerInitResponse has no worker_metadata.");
        return response.Capabilities;
    }

    public async Task<IReadOnlyList<HostFunction>> IndexAsync()
    {
        var request = new FunctionsMetadataRequest { FunctionAppDirectory = appRoot };
        var response = await stream.RequestAsync(
            new() { FunctionsMetadataRequest = request }, ReplyKeys.ForKind(Content.FunctionMetadataResponse), limits.Index);
        RequireSuccess("FunctionMetadataResponse", response.FunctionMetadataResponse.Result);
        return MetadataCheck.Read(response.FunctionMetadataResponse, violations);
    }

    public async Task LoadAsync(IReadOnlyList<HostFunction> functions, bool asCollection)
    {
        foreach (var response in asCollection ? await LoadTogetherAsync(functions) : await LoadEachAsync(functions))
        {
            var name = $"FunctionLoadResponse of {response.FunctionId}";
            StatusCheck.Check(name, response.Result, violations);
            if (functions.FirstOrDefault(function => function.Id == response.FunctionId) is not { } function)
                violations.Add($"{name}: no function has this id.");
            else if (response.Result?.Status != StatusResult.Types.Status.Success)
                function.LoadError = response.Result?.Exception?.Message ?? "It has no result.";
        }
    }

    private async Task<IEnumerable<FunctionLoadResponse>> LoadEachAsync(IReadOnlyList<HostFunction> functions)
    {
        var responses = functions.Select(function =>
            stream.RequestAsync(new() { FunctionLoadRequest = Request(function) }, ReplyKeys.Load(function.Id), limits.Load)).ToList();
        return (await Task.WhenAll(responses)).Select(response => response.FunctionLoadResponse);
    }

    private async Task<IEnumerable<FunctionLoadResponse>> LoadTogetherAsync(IReadOnlyList<HostFunction> functions)
    {
        var request = new FunctionLoadRequestCollection { FunctionLoadRequests = { functions.Select(Request) } };
        var reply = await stream.RequestAsync(
            new() { FunctionLoadRequestCollection = request }, ReplyKeys.ForKind(Content.FunctionLoadResponseCollection), limits.Load);
        var responses = reply.FunctionLoadResponseCollection.FunctionLoadResponses;
        if (!responses.Select(response => response.FunctionId).Order().SequenceEqual(functions.Select(function => function.Id).Order()))
            violations.Add("FunctionLoadResponseCollection does not answer each function once.");
        return responses;
    }

    private static FunctionLoadRequest Request(HostFunction function) => new() { FunctionId = function.Id, Metadata = function.Metadata };

    /// <summary>Throws when the worker reports a failure, because the host then stops the start.</summary>
    private void RequireSuccess(string replyName, StatusResult? result)
    {
        StatusCheck.Check(replyName, result, violations);
        if (result?.Status != StatusResult.Types.Status.Success)
            throw new WorkerLostException($"{replyName}: {result?.Exception?.Message ?? "no success"}");
    }
}
