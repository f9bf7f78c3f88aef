using Inference.Models;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote;

/// <summary>Calls one model on a remote server, in the server's protocol.</summary>
internal interface IRemoteProtocol : IDisposable
{
    /// <summary>Gets the server's description of the model.</summary>
    /// <exception cref="PeerException">The server did not describe the model, or the description cannot be used.</exception>
    Task<RemoteModel> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Checks whether the model is ready on the server, without a prediction.</summary>
    /// <exception cref="PeerException">The model is not ready, or the server did not report its state.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Makes one call; see <see cref="IModelSession.RunAsync"/>.</summary>
    /// <param name="timeout">The timeout to send to the server. In this process, only the cancellation token limits the call.</param>
    /// <exception cref="PeerException">The call failed, or the response does not match the model.</exception>
    Task<Tensor[]> RunAsync(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, TimeSpan timeout,
        CancellationToken cancellationToken);
}

/// <summary>A server's description of its model.</summary>
/// <param name="MaxBatch">The maximum number of items (the batch size) of one call; null when the server does not report it.</param>
internal sealed record RemoteModel(ModelSignature Signature, int? MaxBatch);
