using System.Text.Json;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.Json;
using Inference.Protocols.Json.BareWords;
using Inference.Remote.Calls;
using Inference.Remote.Json;
using Inference.Tensors;

namespace Inference.Remote.TensorFlow;

/// <summary>
/// Calls the REST API of TensorFlow Serving. Predictions use the signature <c>serving_default</c> and the column form, which has one array
/// for each input.
/// </summary>
internal sealed class TensorFlowServing(HttpPeer peer, string model, string? version) : IRemoteProtocol
{
    private const int InitialCapacity = 4096;
    private const string SignatureName = "serving_default";

    private readonly string _path = $"/v1/models/{model}{(version is null ? "" : $"/versions/{version}")}";

    public async Task<RemoteModel> DescribeAsync(CancellationToken cancellationToken)
    {
        using var response = await peer.GetAsync($"{_path}/metadata", cancellationToken).ConfigureAwait(false);
        using var metadata = response.ReadObject();
        var signatures = metadata.RootElement.GetRequired("metadata", JsonValueKind.Object)
            .GetRequired("signature_def", JsonValueKind.Object).GetRequired("signature_def", JsonValueKind.Object);
        var signature = signatures.GetRequired(SignatureName, JsonValueKind.Object);
        return new RemoteModel(Signatures.Create(ReadTensors(signature, "inputs"), ReadTensors(signature, "outputs")), MaxBatch: null);
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        using var response = await peer.GetAsync(_path, cancellationToken).ConfigureAwait(false);
        using var status = response.ReadObject();
        var versions = status.RootElement.GetRequired("model_version_status", JsonValueKind.Array);
        if (!versions.EnumerateArray().Any(version => version.GetRequired("state", JsonValueKind.String).ValueEquals("AVAILABLE")))
            throw new PeerException(PeerFault.Unavailable, "says that no version of the model is available.");
    }

    public async Task<Tensor[]> RunAsync(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var body = new PooledBuffer(InitialCapacity);
        Write(body, signature, inputs);
        using var response =
            await JsonService.SendAsync(peer, HttpMethod.Post, $"{_path}:predict", body, cancellationToken).ConfigureAwait(false);
        // If a model has one output, the response does not name the output.
        var hasOneOutput = signature.Outputs.Length == 1;
        PooledBuffer? quoted = null;
        try
        {
            return JsonService.Read(
                NonFiniteWords.QuoteBareWords(response.Body, ref quoted).Span,
                signature,
                outputs,
                index => JsonPointer.Create(hasOneOutput ? ["outputs"] : ["outputs", signature.Outputs[index].Name]),
                JsonDialect.TensorFlow);
        }
        finally
        {
            quoted?.Dispose();
        }
    }

    public void Dispose() => peer.Dispose();

    private static void Write(PooledBuffer body, ModelSignature signature, IReadOnlyList<Tensor> inputs)
    {
        var writer = JsonText.GetWriter(body);
        writer.WriteStartObject();
        writer.WriteString("signature_name"u8, SignatureName);
        writer.WriteStartObject("inputs"u8);
        for (var i = 0; i < inputs.Count; i++)
        {
            writer.WritePropertyName(signature.Inputs[i].Name);
            JsonTensorWriter.WriteNested(writer, new NamedTensor(signature.Inputs[i].Name, inputs[i]), JsonDialect.TensorFlow);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
    }

    private static IEnumerable<TensorSpec> ReadTensors(JsonElement signature, string name)
    {
        foreach (var tensor in signature.GetRequired(name, JsonValueKind.Object).EnumerateObject())
        {
            var shape = tensor.Value.GetRequired("tensor_shape", JsonValueKind.Object);
            if (shape.TryGetProperty("unknown_rank", out var unknown) && unknown.ValueKind == JsonValueKind.True)
            {
                throw PeerException.CreateMalformedError(
                    $"the rank of \"{PeerText.ToOneLine(tensor.Name)}\" is not known: export the model with a signature that declares it.");
            }

            yield return Signatures.CreateSpec(
                tensor.Name, ReadType(tensor.Value.GetRequired("dtype", JsonValueKind.String).GetString()!), ReadShape(shape));
        }
    }

    /// <summary>Reads a shape. A shape without "dim" is a scalar.</summary>
    private static Shape ReadShape(JsonElement shape) =>
        shape.TryGetProperty("dim", out var dimensions) && dimensions.ValueKind == JsonValueKind.Array
        ? Signatures.ParseShape([.. dimensions.EnumerateArray().Select(ReadDimension)])
        : new Shape();

    private static long ReadDimension(JsonElement dimension) =>
        dimension.ValueKind == JsonValueKind.Object && dimension.TryGetProperty("size", out var size)
        ? Signatures.ParseDimension(size)
        : throw PeerException.CreateMalformedError("a dimension has no size.");

    private static ElementType ReadType(string name) => name switch
    {
        "DT_FLOAT" => ElementType.Float32,
        "DT_DOUBLE" => ElementType.Float64,
        "DT_HALF" => ElementType.Float16,
        "DT_BFLOAT16" => ElementType.BFloat16,
        "DT_INT8" => ElementType.Int8,
        "DT_INT16" => ElementType.Int16,
        "DT_INT32" => ElementType.Int32,
        "DT_INT64" => ElementType.Int64,
        "DT_UINT8" => ElementType.UInt8,
        "DT_UINT16" => ElementType.UInt16,
        "DT_UINT32" => ElementType.UInt32,
        "DT_UINT64" => ElementType.UInt64,
        "DT_BOOL" => ElementType.Bool,
        "DT_STRING" => ElementType.Bytes,
        _ => throw PeerException.CreateMalformedError($"the type {PeerText.ToOneLine(name)} is not supported."),
    };
}
