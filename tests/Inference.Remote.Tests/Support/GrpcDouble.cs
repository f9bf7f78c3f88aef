using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Inference.Protocols.OpenInference.Grpc.Messages;

namespace Inference.Remote.Tests.Support;

/// <summary>A test server of the Open Inference Protocol over gRPC. Its model "m" returns y = 2x.</summary>
internal sealed class GrpcDouble : GRPCInferenceService.GRPCInferenceServiceBase
{
    public int? MaxBatchSize { get; set; }

    public bool IsReady { get; set; } = true;

    public Func<ModelInferRequest, ServerCallContext, Task<ModelInferResponse>> Infer { get; set; } = (request, _) =>
        Task.FromResult(Double(request));

    public static ModelInferResponse Double(ModelInferRequest request)
    {
        var values = MemoryMarshal.Cast<byte, float>(request.RawInputContents[0].Span).ToArray();
        return new ModelInferResponse
        {
            Outputs = { Output("FP32", [.. request.Inputs[0].Shape]) },
            RawOutputContents = { ByteString.CopyFrom(MemoryMarshal.AsBytes(Array.ConvertAll(values, value => 2 * value).AsSpan())) },
        };
    }

    public static ModelInferResponse.Types.InferOutputTensor Output(string type, params long[] shape) =>
        new() { Name = "y", Datatype = type, Shape = { shape } };

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context) =>
        request.Name == "m"
        ? Task.FromResult(new ModelMetadataResponse { Inputs = { Tensor("x") }, Outputs = { Tensor("y") } })
        : throw new RpcException(new Status(StatusCode.NotFound, $"no model {request.Name}"));

    public override Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context) => MaxBatchSize is { } size
        ? Task.FromResult(new ModelConfigResponse { Config = new ModelConfig { MaxBatchSize = size } })
        : throw new RpcException(new Status(StatusCode.Unimplemented, ""));

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ModelReadyResponse { Ready = IsReady });

    public override Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context) => Infer(request, context);

    private static ModelMetadataResponse.Types.TensorMetadata Tensor(string name) =>
        new() { Name = name, Datatype = "FP32", Shape = { -1, 2 } };
}
