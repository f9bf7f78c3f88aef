using System.Buffers;
using System.IO.Pipelines;

namespace Functions.Predictions;

/// <summary>
/// A request body as a stream, for decompression. After <see cref="BodyRate"/> has cancelled a read, the rest of the body can still be
/// read. The web server's own stream does not allow further reads, and logs an error.
/// </summary>
internal sealed class BodyStream(PipeReader body) : ReadOnlyStream
{
    /// <exception cref="RefusedRequestException">The body arrives too slowly.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
        var part = read.Buffer.Slice(0, read.IsCanceled ? 0 : Math.Min(read.Buffer.Length, buffer.Length));
        part.CopyTo(buffer.Span);
        var length = (int)part.Length;
        body.AdvanceTo(part.End);
        return read.IsCanceled ? throw BodyRate.CreateTooSlowError() : length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
