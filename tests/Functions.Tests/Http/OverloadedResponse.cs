using System.Net;

namespace Functions.Tests.Http;

/// <summary>Recognizes the refusal of a request for overload.</summary>
internal static class OverloadedResponse
{
    /// <summary>
    /// Whether the model had too many requests, which the callers of a test can cause on a busy machine. Any other refusal with the status
    /// 429, such as for lack of memory, is a result of the test.
    /// </summary>
    public static bool IsOverloaded(this HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.TooManyRequests
        && response.Headers.TryGetValues("Inference-Error-Code", out var codes)
        && codes.Contains("overloaded");
}
