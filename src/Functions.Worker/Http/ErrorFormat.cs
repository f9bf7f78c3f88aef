using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Http;

/// <summary>
/// A JSON format of the worker's own errors, for clients that do not expect problem details (RFC 9457). Register each format
/// as a service of this type. The first format that applies to a request is used.
/// </summary>
/// <param name="appliesTo">Whether errors of a request have this format.</param>
/// <param name="write">
/// Writes the JSON of an error. The arguments are the output, the HTTP status, and a text that describes the error.
/// </param>
public sealed class ErrorFormat(Func<HttpRequest, bool> appliesTo, Action<IBufferWriter<byte>, int, string> write)
{
    internal bool AppliesTo(HttpRequest request) => appliesTo(request);

    internal void Write(IBufferWriter<byte> output, int status, string message) => write(output, status, message);
}
