using Functions.Hosting;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>A request that is refused before it reaches a model.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The kind of error, for programs; one of <see cref="ServerErrorCodes"/>.</param>
internal sealed class RefusedRequestException(string message, int status, string code) : BadHttpRequestException(message, status)
{
    public string Code { get; } = code;
}
