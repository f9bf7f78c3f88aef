using System.Globalization;
using Functions.Hosting;
using Grpc.Core;
using Inference;
using Inference.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace Functions.Grpc;

/// <summary>Maps failures to gRPC statuses for the whole server.</summary>
internal static class GrpcErrors
{
    /// <summary>The trailer of gRPC with the delay before a client's automatic retry, in milliseconds.</summary>
    private const string RetryPushback = "grpc-retry-pushback-ms";

    /// <summary>Creates the error for a failure of the engine, with the error code and the retry delay in the trailers.</summary>
    public static RpcException From(InferenceException exception)
    {
        var trailers = new Metadata { { ServerErrorCodes.TrailerName, ErrorCodes.ForCaller(exception) } };
        if (exception.RetryAfter is { } wait)
            trailers.Add(RetryPushback, ((long)Math.Ceiling(wait.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture));
        return new RpcException(new Status(StatusOf(exception.Error), CallerText.Redact(exception)), trailers);
    }

    /// <summary>Creates an error for a message that is refused before it reaches the engine.</summary>
    /// <param name="code">One of <see cref="ServerErrorCodes"/> or <see cref="ErrorCodes"/>.</param>
    public static RpcException Create(StatusCode status, string code, string message) =>
        new(new Status(status, message), new Metadata { { ServerErrorCodes.TrailerName, code } });

    /// <summary>
    /// Counts the errors of an endpoint's calls. Also adds the error code to errors that the gRPC library creates, for example when a
    /// message is too large.
    /// </summary>
    public static void AddCodes(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate;
        endpoint.RequestDelegate = async http =>
        {
            await next!(http).ConfigureAwait(false);
            var headers = !http.Response.HasStarted ? http.Response.Headers : http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
            if (headers is not { IsReadOnly: false })
                return;
            var code = headers[ServerErrorCodes.TrailerName].FirstOrDefault();
            if (code is null && int.TryParse(headers["grpc-status"], CultureInfo.InvariantCulture, out var status))
            {
                code = CodeOfLibraryStatus((StatusCode)status);
                if (code is not null)
                    headers[ServerErrorCodes.TrailerName] = code;
            }

            if (code is not null)
                InferenceMetrics.RecordError(code);
        };
    }

    private static string? CodeOfLibraryStatus(StatusCode status) => status switch
    {
        StatusCode.Unknown => ErrorCodes.InternalError,
        StatusCode.ResourceExhausted => ServerErrorCodes.BodyTooLarge,
        StatusCode.Unimplemented => ServerErrorCodes.UnsupportedEncoding,
        StatusCode.DeadlineExceeded => ErrorCodes.For(InferenceError.DeadlineExceeded),
        StatusCode.Internal or StatusCode.InvalidArgument => ErrorCodes.For(InferenceError.InvalidRequest),
        // The library returns NotFound for a health check of an unknown service. Other statuses are either no errors or already have a
        // code.
        StatusCode.NotFound => ServerErrorCodes.RouteNotFound,
        _ => null,
    };

    private static StatusCode StatusOf(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => StatusCode.InvalidArgument,
        InferenceError.ModelNotFound => StatusCode.NotFound,
        InferenceError.ModelUnavailable => StatusCode.Unavailable,
        InferenceError.Overloaded => StatusCode.ResourceExhausted,
        InferenceError.DeadlineExceeded => StatusCode.DeadlineExceeded,
        // The model ran and rejected these inputs. HTTP returns 400 in this case.
        InferenceError.RuntimeFailure => StatusCode.InvalidArgument,
    };
}
