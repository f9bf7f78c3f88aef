using System.Runtime.InteropServices;
using Functions.Tests.OpenInferenceGrpc;
using Grpc.Core;
using Grpc.Net.Client;
using Inference.Protocols.OpenInference.Grpc.Messages;

namespace Functions.Tests.Chaos;

/// <summary>Calls Open Inference over gRPC.</summary>
internal sealed class GrpcProtocol(Uri address, string key) : IChaosProtocol
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);
    private readonly Metadata _headers = new() { { "x-functions-key", key } };

    public string Name => "grpc";

    public bool HasTimeout => true;

    public TimeSpan Patience => ChaosClient.Patience;

    public async Task<ChaosReply> SendAsync(string model, float[] row, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var request = GrpcServer.Raw(model, "x", "FP32", [1, row.Length], MemoryMarshal.AsBytes(row.AsSpan()).ToArray());
        if (timeout is { } limit)
            request.Parameters.Add("timeout", new InferParameter { Int64Param = (long)limit.TotalMicroseconds });
        try
        {
            var client = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
            var response = await client.ModelInferAsync(request, _headers, cancellationToken: cancellationToken);
            return ChaosReply.Answer(MemoryMarshal.Cast<byte, float>(response.RawOutputContents.Single().Span).ToArray());
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RpcException e) when (Status(e.StatusCode) is { } status)
        {
            return ChaosReply.Refusal(status, e.Status.Detail);
        }
    }

    public void Dispose() => _channel.Dispose();

    private static int? Status(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument => 400,
        StatusCode.NotFound => 404,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unavailable => 503,
        StatusCode.DeadlineExceeded => 504,
        _ => null,
    };
}
