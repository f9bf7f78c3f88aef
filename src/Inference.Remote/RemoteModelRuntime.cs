using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Remote.Access;
using Inference.Remote.Calls;
using Inference.Remote.Grpc;
using Inference.Remote.Json;
using Inference.Remote.OpenInference;
using Inference.Remote.TensorFlow;

namespace Inference.Remote;

/// <summary>
/// Serves models that run on remote servers. The only file of such a model is its <c>model.json</c>. The group <c>remote</c> in this file
/// has the address and the protocol.
/// </summary>
/// <param name="access">The servers that models may name, and the keys for them.</param>
public sealed class RemoteModelRuntime(RemoteAccess access, TimeProvider time) : IModelRuntime
{
    public async Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        var remote = settings.Remote
            ?? throw CreateUnavailableError(
                $"Model {id} has no version, and its {ModelSettings.FileName} has no \"remote\". Add a version or \"remote\".");
        var protocol = Create(id, remote, access.Authorize(id, remote));
        try
        {
            return new RemoteSession(
                id, remote, protocol, await DescribeAsync(id, remote, protocol, cancellationToken).ConfigureAwait(false), time);
        }
        catch
        {
            protocol.Dispose();
            throw;
        }
    }

    private IRemoteProtocol Create(ModelId id, RemoteSettings settings, string? key)
    {
        var model = settings.Model ?? id.Name.Value;
        try
        {
            return settings.Kind switch
            {
                RemoteKind.OpenInference => new OpenInferenceRest(new HttpPeer(settings, key, time), model, settings.Version),
                RemoteKind.OpenInferenceGrpc => new OpenInferenceGrpc(settings, model, key, time),
                RemoteKind.TensorFlowServing => new TensorFlowServing(new HttpPeer(settings, key, time), model, settings.Version),
                RemoteKind.Json => new JsonService(settings, key, time),
            };
        }
        catch (FormatException e)
        {
            throw CreateUnavailableError($"The settings of model {id} cannot be used. {ModelSettings.FileName}: {e.Message}", e);
        }
    }

    private async Task<RemoteModel> DescribeAsync(
        ModelId id, RemoteSettings settings, IRemoteProtocol protocol, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await protocol.DescribeAsync(linked.Token).ConfigureAwait(false);
        }
        catch (PeerException e)
        {
            throw CreateUnavailableError(RemoteSession.CreateError(id, settings, e).Message, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CreateUnavailableError(RemoteSession.CreateError(id, settings, RemoteSession.CreateTimeoutError(settings, e)).Message, e);
        }
    }

    private static InferenceException CreateUnavailableError(string message, Exception? inner = null) =>
        new(InferenceError.ModelUnavailable, message, inner);
}
