using System.Globalization;
using Functions.Hosting;
using Grpc.Core;
using Inference;

namespace Functions.Grpc;

/// <summary>The one map from what went wrong to a gRPC status.</summary>
internal static class GrpcErrors
{
    /// <summary>gRPC's own: when a client that retries by itself may.</summary>
    private const string RetryPushback = "grpc-retry-pushback-ms";

    public static RpcException From(InferenceException exception)
    {
        var trailers = new Metadata();
        if (exception.RetryAfter is { } wait)
            trailers.Add(RetryPushback, ((long)Math.Ceiling(wait.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture));
        return new RpcException(new Status(Code(exception.Error), CallerText.Of(exception)), trailers);
    }

    private static StatusCode Code(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => StatusCode.InvalidArgument,
        InferenceError.ModelNotFound => StatusCode.NotFound,
        InferenceError.ModelUnavailable => StatusCode.Unavailable,
        InferenceError.Overloaded => StatusCode.ResourceExhausted,
        InferenceError.DeadlineExceeded => StatusCode.DeadlineExceeded,
        // As over HTTP: the model ran and refused these inputs.
        InferenceError.RuntimeFailure => StatusCode.InvalidArgument,
    };
}
