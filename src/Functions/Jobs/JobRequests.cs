using System.Diagnostics;
using Functions.Queue;
using Inference.Azure.Predictions;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.Predictions;

namespace Functions.Jobs;

/// <summary>Sends the requests of jobs to the queue of predictions, and given-back messages again.</summary>
public sealed class JobRequests(
    PredictionContainer container, PredictionQueues queues, JobRecords records, PredictionSettings settings)
{
    /// <summary>The number of bytes that are reserved in a message for everything except the request.</summary>
    private const int ReservedSize = 8 * 1024;

    /// <summary>
    /// Sends a job's message. The message contains the request, or names a blob with the request if the request is too large for a message.
    /// </summary>
    /// <param name="version">Null if the caller named no version. The version is then selected when the job runs.</param>
    public async Task SendAsync(
        PredictionId id, ModelName model, long? version, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var prediction = new PredictionMessage(id, model.Value, version, body, RequestBlob: null, IsJob: true, Activity.Current?.Id);
        using var message = new PooledBuffer(Math.Min(body.Length, MessageSize.Max) + ReservedSize);
        if (body.Length < MessageSize.Max)
            PredictionMessageWriter.Write(message, prediction);
        if (message.Written.Length is 0 or > MessageSize.Max)
        {
            // The blob is created first, so that a message never names a missing blob.
            await container.TryCreateAsync(BlobNames.Request(id), body, cancellationToken).ConfigureAwait(false);
            var blob = new BlobReference(settings.Container, BlobNames.Request(id));
            message.Clear();
            PredictionMessageWriter.Write(message, prediction with { Request = null, RequestBlob = blob });
        }

        await queues.SendAsync(message.Written, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a received message again as a new message, with a new time to live. An expired job is dropped.</summary>
    /// <param name="body">The received message.</param>
    /// <param name="delay">The time until the delivery.</param>
    public async Task SendAgainAsync(byte[] body, PredictionMessage message, TimeSpan delay, CancellationToken cancellationToken)
    {
        // The record must not expire before the message, because another job may then have the same id. The renewal includes the request
        // blob, which the message needs.
        if (!message.IsJob || await records.RenewAsync(message.Id, cancellationToken).ConfigureAwait(false))
            await queues.SendDelayedAsync(body, delay, cancellationToken).ConfigureAwait(false);
    }
}
