using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Functions.Worker.TestHost.Http;

/// <summary>Applies the default transformation, which sets X-Forwarded-*, and adds the header with the invocation's id.</summary>
internal sealed class InvocationTransformer(string invocationId) : HttpTransformer
{
    public const string Header = "x-ms-invocation-id";

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await Default.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        // As in the real host, a header that the client has sent stays. The worker then does not find the invocation.
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
