using Functions.Hosting.Configuration;
using Inference;
using Inference.Azure.Predictions;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>Reads the blobs with the requests that are too large for a message.</summary>
public sealed class RequestBlobs(PredictionContainer container, JobRecords jobs, PredictionSettings predictions, Settings settings)
{
    /// <summary>Reads a request from its blob. The caller disposes the buffer.</summary>
    /// <param name="id">The id of the prediction that the message requests.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: <see cref="RequestBlobRules"/> forbids the blob, the blob does not exist, the blob
    /// belongs to another job, or the blob is too large.
    /// </exception>
    internal async Task<PooledBuffer> ReadAsync(BlobReference reference, PredictionId id, CancellationToken cancellationToken)
    {
        if (RequestBlobRules.FindProblem(reference.Container, reference.Name, predictions) is { } problem)
            throw InferenceException.InvalidRequest(problem);
        if (await BelongsToAnotherJobAsync(reference, id, cancellationToken).ConfigureAwait(false))
        {
            throw InferenceException.InvalidRequest(
                $"requestBlob {Quote.Shorten(reference.ToString())} is the request of another job. Put the request into a separate blob.");
        }
        using var blob = await container.OpenForeignAsync(reference.Container, reference.Name, cancellationToken).ConfigureAwait(false)
            ?? throw InferenceException.InvalidRequest(
                $"The blob {Quote.Shorten(reference.ToString())} in requestBlob does not exist. Create the blob before you send the message.");
        if (blob.Details.ContentLength > settings.MaxBodySize)
        {
            throw InferenceException.InvalidRequest(
                $"Blob {Quote.Shorten(reference.ToString())} has {blob.Details.ContentLength} bytes, and Http__MaxBodySize "
                + $"allows {settings.MaxBodySize}. Send a smaller request, or raise Http__MaxBodySize.");
        }

        var length = (int)blob.Details.ContentLength;
        var buffer = new PooledBuffer(length + 1);
        try
        {
            await container.ReadToEndAsync(blob, buffer.GetMemory(length)[..length], cancellationToken).ConfigureAwait(false);
            buffer.Advance(length);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether the blob is the request of another job. The app stores the requests of jobs only in its own container. A blob in another
    /// container therefore needs no look-up of a job.
    /// </summary>
    private async Task<bool> BelongsToAnotherJobAsync(BlobReference reference, PredictionId id, CancellationToken cancellationToken) =>
        reference.Container == predictions.Container
        && BlobNames.ParseRequestId(reference.Name) is { } owner
        && owner != id
        && await jobs.FindAsync(owner, cancellationToken).ConfigureAwait(false) is not null;
}
