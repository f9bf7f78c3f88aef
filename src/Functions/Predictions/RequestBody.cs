using System.Buffers;
using System.IO.Pipelines;
using Functions.Hosting;
using Inference;
using Inference.Protocols;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Predictions;

/// <summary>Reads a whole request body into pooled memory, up to a limit. The caller disposes the buffer.</summary>
internal static class RequestBody
{
    private const int InitialCapacity = 4096;

    /// <summary>
    /// The maximum number of bytes that are allocated before the first byte arrives. For a larger Content-Length, the memory grows with the
    /// received bytes.
    /// </summary>
    private const int MaxInitialCapacity = 1 << 20;

    /// <summary>Reads a body that must be JSON.</summary>
    /// <param name="limit">The maximum number of bytes of the body.</param>
    /// <exception cref="BadHttpRequestException">
    /// Status 400, 408, 413 or 415, or the status with which the web server rejects the request.
    /// </exception>
    public static ValueTask<PooledBuffer> ReadJsonAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        JsonMediaType.ThrowIfNotJson(request);
        return ReadAsync(request, limit, offset: 0, cancellationToken);
    }

    /// <summary>Reads a body of any type.</summary>
    /// <param name="limit">The maximum number of bytes of the body.</param>
    /// <param name="offset">The number of bytes of the buffer that stay free before the body.</param>
    /// <exception cref="BadHttpRequestException">
    /// Status 400, 408, 413 or 415, or the status with which the web server rejects the request.
    /// </exception>
    public static async ValueTask<PooledBuffer> ReadAsync(HttpRequest request, int limit, int offset, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
            throw CreateTooLargeError(limit);
        var buffer = new PooledBuffer(offset + (int)Math.Min(request.ContentLength ?? InitialCapacity, MaxInitialCapacity) + 1);
        buffer.Advance(offset);
        try
        {
            await ReadAsync(request, buffer, offset + (long)limit, cancellationToken).ConfigureAwait(false);
            if (buffer.Length - offset > limit)
                throw CreateTooLargeError(limit);
            if (buffer.Length > LargeJsonAdvice.Limit && IsJson(request))
                request.HttpContext.RequestServices.GetService<LargeJsonAdvice>()?.Observe(request.ContentLength ?? buffer.Length);
            // The caller parses the body next. For a large body, the caller continues on a thread for large bodies.
            if (buffer.Length >= LargeBodyThreads.MinSize)
                await LargeBodyThreads.WaitForTurn();
            return buffer;
        }
        catch (InvalidDataException e)
        {
            buffer.Dispose();
            throw new BadHttpRequestException(
                $"The body is not valid for Content-Encoding {Quote.Shorten(request.Headers.ContentEncoding.ToString())}, "
                + "or it is incomplete. Send the complete body in this encoding.", e);
        }
        catch (ConnectionAbortedException e)
        {
            buffer.Dispose();
            throw new OperationCanceledException("The client disconnected before its body was complete.", e);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads a body. The limit applies to the decompressed bytes, because a small compressed body may decompress to a large one.
    /// </summary>
    private static async ValueTask ReadAsync(HttpRequest request, PooledBuffer buffer, long limit, CancellationToken cancellationToken)
    {
        await using var decompressed = ContentCoding.OpenDecompressed(request);
        if (decompressed is null)
            await ReadAsync(request.BodyReader, buffer, limit, cancellationToken).ConfigureAwait(false);
        else
            await ReadAsync(decompressed, request.BodyReader, buffer, limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a Functions host treats the request as JSON. The host reads such bodies itself.</summary>
    public static bool IsJson(HttpRequest request) => request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// Reads directly from the server's buffers. Unlike a stream, the reader reports the end of the body together with the last bytes,
    /// which saves one read.
    /// </summary>
    private static async ValueTask ReadAsync(PipeReader body, PooledBuffer buffer, long limit, CancellationToken cancellationToken)
    {
        BodyRate? rate = null;
        try
        {
            while (buffer.Length <= limit)
            {
                var read = await BodyRate.WaitAsync(ref rate, body, body.ReadAsync(cancellationToken), buffer.Length).ConfigureAwait(false);
                if (read.IsCanceled)
                {
                    body.AdvanceTo(read.Buffer.Start);
                    throw BodyRate.CreateTooSlowError();
                }

                // The server reads only a few buffers ahead, so a client cannot send a large body faster than the threads for large bodies
                // copy it.
                if (buffer.Length >= LargeBodyThreads.MinSize)
                    await LargeBodyThreads.WaitForTurn();
                CopyToBuffer(body, read, buffer);
                if (read.IsCompleted)
                    return;
            }
        }
        finally
        {
            rate?.Dispose();
        }
    }

    private static void CopyToBuffer(PipeReader body, ReadResult read, PooledBuffer buffer)
    {
        try
        {
            foreach (var segment in read.Buffer)
                buffer.Write(segment.Span);
        }
        finally
        {
            // Advances even when there is no memory for the bytes. Otherwise UnreadBody could not read the rest of the body.
            body.AdvanceTo(read.Buffer.End);
        }
    }

    /// <param name="decompressed">The stream that decompresses <paramref name="body"/>.</param>
    private static async ValueTask ReadAsync(
        Stream decompressed, PipeReader body, PooledBuffer buffer, long limit, CancellationToken cancellationToken)
    {
        var nextTurnLength = LargeBodyThreads.MinSize;
        BodyRate? rate = null;
        try
        {
            while (buffer.Length <= limit)
            {
                var reading = decompressed.ReadAsync(buffer.GetMemory(), cancellationToken);
                var read = await BodyRate.WaitAsync(ref rate, body, reading, buffer.Length).ConfigureAwait(false);
                if (read == 0)
                    return;
                buffer.Advance(read);
                if (buffer.Length < nextTurnLength)
                    continue;
                await LargeBodyThreads.WaitForTurn();
                nextTurnLength = buffer.Length + LargeBodyThreads.MinSize;
            }
        }
        finally
        {
            rate?.Dispose();
        }
    }

    private static RefusedRequestException CreateTooLargeError(int limit) => new(
        $"The body is larger than the {Counted.Text(limit, "byte")} that Http__MaxBodySize allows.",
        StatusCodes.Status413PayloadTooLarge,
        ServerErrorCodes.BodyTooLarge);
}
