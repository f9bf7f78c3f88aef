using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Http;

/// <summary>
/// The JSON of errors that the worker itself answers, for requests whose clients expect another form than a problem's (RFC 9457).
/// Register each as a service of this type; the first one that is for a request counts.
/// </summary>
/// <param name="isFor">Whether a request gets errors in this form.</param>
/// <param name="write">Writes an error: its HTTP status, and a text that says what is wrong.</param>
public sealed class ErrorForm(Func<HttpRequest, bool> isFor, Action<IBufferWriter<byte>, int, string> write)
{
    internal bool IsFor(HttpRequest request) => isFor(request);

    internal void Write(IBufferWriter<byte> output, int status, string message) => write(output, status, message);
}
