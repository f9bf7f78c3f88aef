using Inference.Models;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote;

/// <summary>One way of speaking to the server that has a model.</summary>
internal interface IRemoteProtocol : IDisposable
{
    /// <exception cref="PeerException">The server did not tell, or not so that it can be used.</exception>
    Task<RemoteModel> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Asks the server whether the model is ready, which makes no prediction.</summary>
    /// <exception cref="PeerException">It is not, or the server did not tell.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);

    /// <summary>One call; see <see cref="IModelSession.RunAsync"/>.</summary>
    /// <param name="timeout">What the server is told; the token is cancelled at the end of it.</param>
    /// <exception cref="PeerException">The call failed, or what came is not what the model answers.</exception>
    Task<Tensor[]> RunAsync(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, TimeSpan timeout,
        CancellationToken cancellationToken);
}

/// <summary>What a server tells of its model.</summary>
/// <param name="MaxBatch">The most items of one call; null when it does not say.</param>
internal sealed record RemoteModel(ModelSignature Signature, int? MaxBatch);
