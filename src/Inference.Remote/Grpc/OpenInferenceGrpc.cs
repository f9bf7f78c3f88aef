using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Inference.Models;
using Inference.Models.Settings.Remote;
using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote.Grpc;

/// <summary>Open Inference v2 over gRPC, with tensors as raw bytes (<c>raw_input_contents</c>).</summary>
internal sealed class OpenInferenceGrpc : IRemoteProtocol
{
    private readonly string _model;
    private readonly string _version;
    private readonly Metadata _headers = [];
    private readonly GrpcChannel _channel;
    private readonly GRPCInferenceService.GRPCInferenceServiceClient _client;
    private readonly TimeProvider _time;

    /// <exception cref="FormatException">The address has a path, which gRPC does not support.</exception>
    public OpenInferenceGrpc(RemoteSettings settings, string model, string? key, TimeProvider time)
    {
        if (settings.Url.AbsolutePath != "/")
            throw new FormatException("remote.url has a path, which gRPC does not support. Write an address such as http://models:8001.");
        (_model, _version, _time) = (model, settings.Version ?? "", time);
        foreach (var (name, value) in HttpPeer.GetHeaders(settings, key))
            _headers.Add(name, value);
        _channel = GrpcChannel.ForAddress(settings.Url, new GrpcChannelOptions
        {
            HttpHandler = HttpPeer.CreateHandler(),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = settings.MaxResponseBytes,
            MaxReconnectBackoff = CallPolicy.BreakTime,
            // Compression is off, because a small response could exceed the limit when it is decompressed.
            CompressionProviders = [],
        });
        _client = new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
    }

    public async Task<RemoteModel> DescribeAsync(CancellationToken cancellationToken)
    {
        var request = new ModelMetadataRequest { Name = _model, Version = _version };
        var metadata =
            await CallAsync(_client.ModelMetadataAsync(request, CreateOptions(deadline: null, cancellationToken)), cancellationToken)
            .ConfigureAwait(false);
        var maxBatch = await ReadMaxBatchAsync(cancellationToken).ConfigureAwait(false);
        return new RemoteModel(
            Signatures.Create(metadata.Inputs.Select(CreateSpec), metadata.Outputs.Select(CreateSpec)),
            maxBatch > 0 ? maxBatch : null);
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var request = new ModelReadyRequest { Name = _model, Version = _version };
        var response =
            await CallAsync(_client.ModelReadyAsync(request, CreateOptions(deadline: null, cancellationToken)), cancellationToken)
            .ConfigureAwait(false);
        if (!response.Ready)
            throw new PeerException(PeerFault.Unavailable, "says that the model is not ready.");
    }

    public async Task<Tensor[]> RunAsync(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var request = new ModelInferRequest { ModelName = _model, ModelVersion = _version };
        request.Parameters.Add("timeout", new InferParameter { Int64Param = (long)timeout.TotalMicroseconds });
        for (var i = 0; i < inputs.Count; i++)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = signature.Inputs[i].Name,
                Datatype = inputs[i].Type.Name(),
                Shape = { inputs[i].Shape.Dimensions.ToArray() },
            });
            // No copy is needed, because the inputs stay unchanged until the call has ended.
            request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(inputs[i].Data));
        }

        foreach (var output in outputs)
            request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = signature.Outputs[output].Name });
        var deadline = _time.GetUtcNow().UtcDateTime + timeout;
        var response = await CallAsync(_client.ModelInferAsync(request, CreateOptions(deadline, cancellationToken)), cancellationToken)
            .ConfigureAwait(false);
        return Read(response, signature, outputs);
    }

    public void Dispose() => _channel.Dispose();

    private CallOptions CreateOptions(DateTime? deadline, CancellationToken cancellationToken) =>
        new(_headers, deadline, cancellationToken);

    /// <summary>Reads the batch limit: 0 for a model without batches, and null when the server does not report it.</summary>
    private async Task<int?> ReadMaxBatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            var request = new ModelConfigRequest { Name = _model, Version = _version };
            var response =
                await CallAsync(_client.ModelConfigAsync(request, CreateOptions(deadline: null, cancellationToken)), cancellationToken)
                .ConfigureAwait(false);
            return response.Config?.MaxBatchSize;
        }
        catch (PeerException e) when (e.Fault is PeerFault.Missing or PeerFault.Refused or PeerFault.Forbidden)
        {
            return null;
        }
    }

    private static async Task<T> CallAsync<T>(AsyncUnaryCall<T> call, CancellationToken cancellationToken)
    {
        using (call)
        {
            try
            {
                return await call.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException e) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException("The call was cancelled.", e, cancellationToken);
            }
            catch (RpcException e)
            {
                throw GrpcFaults.ToPeerException(e);
            }
        }
    }

    private static Tensor[] Read(ModelInferResponse response, ModelSignature signature, IReadOnlyList<int> outputs)
    {
        var isRaw = response.RawOutputContents.Count > 0;
        if (isRaw && response.RawOutputContents.Count != response.Outputs.Count)
        {
            throw PeerException.CreateMalformedError(
                $"it has {Counted.Text(response.Outputs.Count, "output")}, but the data of {response.RawOutputContents.Count}.");
        }

        using var responseOutputs = new ResponseOutputs();
        try
        {
            for (var i = 0; i < response.Outputs.Count; i++)
            {
                var output = response.Outputs[i];
                var (type, shape) = (Signatures.ParseType(output.Datatype), new Shape([.. output.Shape]));
                responseOutputs.Add(output.Name, isRaw
                    ? ReadRaw(type, shape, response.RawOutputContents[i], output.Name)
                    : TensorContentsReader.Read(type, shape, output.Contents, output.Name));
            }

            return responseOutputs.Copy(signature, outputs);
        }
        catch (InferenceException e)
        {
            throw PeerException.CreateMalformedError(PeerText.ToOneLine(e.Message), e);
        }
    }

    private static Tensor ReadRaw(ElementType type, Shape shape, ByteString data, string name)
    {
        // No code writes to the view, and its data are copied before the response is released.
        var content = new BinaryInputs(MemoryMarshal.AsMemory(data.Memory));
        return content.ReadTensor(type, shape, data.Length, name);
    }

    private static TensorSpec CreateSpec(ModelMetadataResponse.Types.TensorMetadata tensor) =>
        Signatures.CreateSpec(tensor.Name, Signatures.ParseType(tensor.Datatype), Signatures.ParseShape([.. tensor.Shape]));
}
