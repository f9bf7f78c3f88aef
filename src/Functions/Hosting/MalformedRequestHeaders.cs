using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Functions.Hosting;

/// <summary>
/// Adds headers to the responses to HTTP requests that the web server cannot parse. The web server creates these responses without the app.
/// The server raises a diagnostic event first, and then resets the headers of the response. Therefore the handler of the event only marks
/// the connection, and the wrapped output adds the headers.
/// </summary>
internal sealed class MalformedRequestHeaders : DiagnosticSource
{
    private static ReadOnlySpan<byte> Headers => "X-Content-Type-Options: nosniff\r\nInference-Error-Code: invalidHttp\r\n\r\n"u8;

    private static ReadOnlySpan<byte> HeadersEnd => "\r\n\r\n"u8;

    public override bool IsEnabled(string name) => name == "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    [RequiresUnreferencedCode("The base class requires the attribute. Nothing here reads the value by reflection.")]
    public override void Write(string name, object? value)
    {
        if (value is IFeatureCollection features
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<Output>() is { } output)
        {
            output.IsRefusing = true;
        }
    }

    /// <summary>Wraps the output of a connection, so that the handler of the event can mark the output.</summary>
    public static Task ConnectAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var output = new Output(connection.Transport.Output);
        connection.Features.Set(output);
        connection.Transport = new Transport(connection.Transport.Input, output);
        return next(connection);
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Output(PipeWriter inner) : PipeWriter
    {
        private Memory<byte> _memory;

        /// <summary>Whether the next bytes are the headers of a refusal, which has no body.</summary>
        public bool IsRefusing { get; set; }

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes) => inner.Advance(IsRefusing ? AddHeaders(bytes) : bytes);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

        private int AddHeaders(int bytes)
        {
            IsRefusing = false;
            var written = _memory.Span[..bytes];
            // The new headers overwrite the empty line at the end. They end with an empty line themselves.
            var addedBytes = Headers.Length - (HeadersEnd.Length / 2);
            if (!written.StartsWith("HTTP/1.1 "u8) || !written.EndsWith(HeadersEnd) || _memory.Length < bytes + addedBytes)
                return bytes;
            Headers.CopyTo(_memory.Span[(bytes - (HeadersEnd.Length / 2))..]);
            return bytes + addedBytes;
        }
    }
}
