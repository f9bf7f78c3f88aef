using System.Buffers;
using System.IO.Pipelines;

namespace Functions.Predictions;

/// <summary>
/// A request body as a stream, for decompression. After a read that <see cref="BodyRate"/> has cancelled, the body can be read on. The web
/// server's own stream cannot, and logs an error then.
/// </summary>
internal sealed class BodyStream(PipeReader body) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

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

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
