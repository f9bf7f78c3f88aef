using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Functions.Worker.TestHost.Http;

/// <summary>The default transformation, which sets X-Forwarded-*, and the header by which the worker knows the invocation.</summary>
internal sealed class InvocationTransformer(string invocationId) : HttpTransformer
{
    public const string Header = "x-ms-invocation-id";

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await Default.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        // As in the real host, a header of the client's stays: the worker then does not find the invocation.
        if (!proxyRequest.Headers.Contains(Header))
            proxyRequest.Headers.Add(Header, invocationId);
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken) =>
        Default.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);

    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) =>
        Default.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
}
