using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Http;

/// <summary>
/// The JSON of the worker's own errors, for clients that expect another format than a problem's (RFC 9457). Register each format as a
/// service of this type. The first one that applies to a request is used.
/// </summary>
/// <param name="isFor">Whether errors of a request have this format.</param>
/// <param name="write">Writes an error from its HTTP status and a text that says what is wrong.</param>
public sealed class ErrorForm(Func<HttpRequest, bool> isFor, Action<IBufferWriter<byte>, int, string> write)
{
    internal bool IsFor(HttpRequest request) => isFor(request);

    internal void Write(IBufferWriter<byte> output, int status, string message) => write(output, status, message);
}
