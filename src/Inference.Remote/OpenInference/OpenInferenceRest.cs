using System.Text.Json;
using Inference.Models;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote.OpenInference;

/// <summary>Open Inference v2 over REST, with binary tensors in both directions.</summary>
internal sealed class OpenInferenceRest(HttpPeer peer, string model, string? version) : IRemoteProtocol
{
    private readonly string _path = $"/v2/models/{model}{(version is null ? "" : $"/versions/{version}")}";

    public async Task<RemoteModel> DescribeAsync(CancellationToken cancellationToken)
    {
        using var answer = await peer.GetAsync(_path, cancellationToken).ConfigureAwait(false);
        using var metadata = answer.ReadObject();
        var maxBatch = await ReadMaxBatchAsync(cancellationToken).ConfigureAwait(false);
        return new RemoteModel(
            Signatures.Create(
                Signatures.ReadOpenInference(metadata.RootElement, "inputs"),
                Signatures.ReadOpenInference(metadata.RootElement, "outputs")),
            maxBatch > 0 ? maxBatch : null);
    }

    public async Task ProbeAsync(CancellationToken cancellationToken) =>
        (await peer.GetAsync($"{_path}/ready", cancellationToken).ConfigureAwait(false)).Dispose();

    public async Task<Tensor[]> RunAsync(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var content = new InferContent(signature, inputs, outputs, timeout);
        using var answer = await peer.SendAsync(HttpMethod.Post, $"{_path}/infer", content, cancellationToken).ConfigureAwait(false);
        var length = answer.ReadNumber(InferContent.JsonLengthHeader) ?? answer.Body.Length;
        if (length > answer.Body.Length)
        {
            throw PeerException.CreateMalformedError(
                $"{InferContent.JsonLengthHeader} is {length}, but the body has {Counted.Text(answer.Body.Length, "byte")}.");
        }

        return InferResponseReader.Read(answer.Body[..length], answer.Body[length..], signature, outputs);
    }

    public void Dispose() => peer.Dispose();

    /// <summary>
    /// Gets <c>max_batch_size</c> from the model configuration extension; null when the server does not report a valid size.
    /// </summary>
    private async Task<int?> ReadMaxBatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await peer.GetAsync($"{_path}/config", cancellationToken).ConfigureAwait(false);
            using var config = answer.ReadObject();
            return config.RootElement.TryGetProperty("max_batch_size", out var size) && size.ValueKind == JsonValueKind.Number
                && size.TryGetInt32(out var items) && items >= 0
                ? items
                : null;
        }
        catch (PeerException e) when (e.Fault is PeerFault.Missing or PeerFault.Refused or PeerFault.Forbidden)
        {
            return null;
        }
    }
}
