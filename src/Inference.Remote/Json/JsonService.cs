using System.Net.Http.Headers;
using Inference.Models;
using Inference.Models.Settings.Remote;
using Inference.Protocols;
using Inference.Protocols.Json;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote.Json;

/// <summary>A service with its own JSON format. Only the settings describe the format and the model.</summary>
internal sealed class JsonService : IRemoteProtocol
{
    private const int InitialCapacity = 4096;

    private readonly HttpPeer _peer;
    private readonly HttpMethod _method;
    private readonly RequestTemplate _template;
    private readonly JsonPointer[] _outputs;
    private readonly ModelSignature _signature;

    /// <exception cref="FormatException">The settings contradict each other.</exception>
    public JsonService(RemoteSettings settings, string? key, TimeProvider time)
    {
        var service = settings.Json!;
        _template = RequestTemplate.Create(service);
        _method = new HttpMethod(service.Method);
        _outputs = [.. service.Outputs.Select(output => JsonPointer.Parse(output.At))];
        _signature = Signatures.Create(service.Inputs.Select(CreateSpec), service.Outputs.Select(CreateSpec));
        _peer = new HttpPeer(settings, key, time);
    }

    public async Task<RemoteModel> DescribeAsync(CancellationToken cancellationToken)
    {
        await ProbeAsync(cancellationToken).ConfigureAwait(false);
        return new RemoteModel(_signature, MaxBatch: null);
    }

    /// <summary>
    /// Checks that the service accepts connections. The settings describe only predictions, so there is no call for the state of the model.
    /// </summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            (await _peer.SendAsync(HttpMethod.Head, "", content: null, cancellationToken).ConfigureAwait(false)).Dispose();
        }
        catch (PeerException e) when (e.Fault is not (PeerFault.Unreachable or PeerFault.TimedOut))
        {
            // Any other fault shows that the service accepts connections.
        }
    }

    public async Task<Tensor[]> RunAsync(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var body = new PooledBuffer(InitialCapacity);
        _template.Write(body, inputs, index => signature.Inputs[index].Name);
        using var response = await SendAsync(_peer, _method, "", body, cancellationToken).ConfigureAwait(false);
        return Read(response.Body.Span, signature, outputs, index => _outputs[index], JsonDialect.Plain);
    }

    public void Dispose() => _peer.Dispose();

    public static async Task<HttpPeerResponse> SendAsync(
        HttpPeer peer, HttpMethod method, string path, PooledBuffer body, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(body.Written);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await peer.SendAsync(method, path, content, cancellationToken).ConfigureAwait(false);
    }

    public static Tensor[] Read(
        ReadOnlySpan<byte> body, ModelSignature signature, IReadOnlyList<int> outputs, Func<int, JsonPointer> getPointer,
        JsonDialect dialect)
    {
        var tensors = new Tensor[outputs.Count];
        try
        {
            for (var i = 0; i < tensors.Length; i++)
                tensors[i] = JsonOutputReader.Read(body, getPointer(outputs[i]), signature.Outputs[outputs[i]], dialect);
            return tensors;
        }
        catch
        {
            tensors.DisposeAll();
            throw;
        }
    }

    private static TensorSpec CreateSpec(JsonTensor tensor) => Signatures.CreateSpec(tensor.Name, tensor.Type, tensor.Shape);
}
