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
        using var response = await peer.GetAsync(_path, cancellationToken).ConfigureAwait(false);
        using var metadata = response.ReadObject();
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
        using var response = await peer.SendAsync(HttpMethod.Post, $"{_path}/infer", content, cancellationToken).ConfigureAwait(false);
        var length = response.ReadNumber(InferContent.JsonLengthHeader) ?? response.Body.Length;
        if (length > response.Body.Length)
        {
            throw PeerException.CreateMalformedError(
                $"{InferContent.JsonLengthHeader} is {length}, but the body has {Counted.Text(response.Body.Length, "byte")}.");
        }

        return InferResponseReader.Read(response.Body[..length], response.Body[length..], signature, outputs);
    }

    public void Dispose() => peer.Dispose();

    /// <summary>
    /// Gets <c>max_batch_size</c> from the model configuration extension; null when the server does not report a valid size.
    /// </summary>
    private async Task<int?> ReadMaxBatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await peer.GetAsync($"{_path}/config", cancellationToken).ConfigureAwait(false);
            using var config = response.ReadObject();
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
