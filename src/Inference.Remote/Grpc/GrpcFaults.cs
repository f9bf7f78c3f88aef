using Grpc.Core;
using Inference.Remote.Calls;

namespace Inference.Remote.Grpc;

/// <summary>Converts a gRPC status to a fault of the server.</summary>
internal static class GrpcFaults
{
    public static PeerException ToPeerException(RpcException exception)
    {
        var status = exception.Status;
        // If there was no response, the gRPC client creates the status from an exception of the transport. This exception has more details.
        if (status.StatusCode is StatusCode.Unavailable or StatusCode.Internal && status.DebugException is { } cause
            && HttpPeer.ToPeerException(cause) is { } failure)
        {
            return failure;
        }

        return new PeerException(FromStatus(status), $"responded with {status.StatusCode}: {PeerText.ToOneLine(status.Detail)}", exception);
    }

    private static PeerFault FromStatus(Status status) => status.StatusCode switch
    {
        StatusCode.Unavailable => PeerFault.Unavailable,
        // The gRPC client itself creates this message for a response that is larger than MaxReceiveMessageSize.
        StatusCode.ResourceExhausted when status.Detail.StartsWith("Received message exceeds", StringComparison.Ordinal) =>
            PeerFault.Broken,
        StatusCode.ResourceExhausted => PeerFault.Overloaded,
        StatusCode.InvalidArgument or StatusCode.OutOfRange or StatusCode.FailedPrecondition => PeerFault.Refused,
        StatusCode.NotFound or StatusCode.Unimplemented => PeerFault.Missing,
        StatusCode.Unauthenticated or StatusCode.PermissionDenied => PeerFault.Forbidden,
        StatusCode.DeadlineExceeded => PeerFault.TimedOut,
        _ => PeerFault.Broken,
    };
}
