using Functions.Hosting;
using Inference;
using Inference.Azure.Predictions;
using Inference.Protocols;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>Requests that are too large for a message.</summary>
public sealed class RequestBlobs(PredictionContainer container, Settings settings)
{
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: there is no such blob, or it is too large.
    /// </exception>
    internal async Task<PooledBuffer> ReadAsync(BlobReference reference, CancellationToken cancellationToken)
    {
        using var blob = await container.OpenForeignAsync(reference.Container, reference.Name, cancellationToken).ConfigureAwait(false)
            ?? throw InferenceException.InvalidRequest($"There is no blob {Quote.Of(reference.ToString())}, which requestBlob names.");
        if (blob.Details.ContentLength > settings.MaxBodySize)
        {
            throw InferenceException.InvalidRequest(
                $"Blob {Quote.Of(reference.ToString())} has {blob.Details.ContentLength} bytes, and Http__MaxBodySize allows {settings.MaxBodySize}.");
        }

        var length = (int)blob.Details.ContentLength;
        var buffer = new PooledBuffer(length + 1);
        try
        {
            await PredictionContainer.ReadToEndAsync(blob, buffer.GetMemory(length)[..length], cancellationToken).ConfigureAwait(false);
            buffer.Advance(length);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }
}
