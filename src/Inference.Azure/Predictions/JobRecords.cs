using System.Text.Json;
using Azure;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>The records of jobs: made once, changed only from the state that was read.</summary>
public sealed class JobRecords(PredictionContainer container, TimeProvider time)
{
    private const int MaxSize = 64 * 1024;

    /// <returns>Null when there is no such job, or no longer.</returns>
    public async Task<JobRecord?> FindAsync(PredictionId id, CancellationToken cancellationToken) =>
        (await ReadAsync(id, cancellationToken).ConfigureAwait(false))?.Record;

    /// <summary>Makes the record unless there is one.</summary>
    /// <returns>The one that is there now.</returns>
    public async Task<JobRecord> GetOrCreateAsync(PredictionId id, JobRecord record, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await container.TryCreateAsync(BlobNames.Job(id), Write(record), cancellationToken).ConfigureAwait(false))
                return record;
            // Gone between the two: swept just now.
            if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is { } existing)
                return existing;
        }
    }

    /// <summary>Notes that the message is in the queue.</summary>
    public Task MarkSentAsync(PredictionId id, CancellationToken cancellationToken) =>
        ChangeAsync(id, record => record.IsSent ? record : record with { IsSent = true }, cancellationToken);

    /// <summary>Notes that one more attempt at the job begins.</summary>
    public Task MarkRunningAsync(PredictionId id, CancellationToken cancellationToken) => ChangeAsync(
        id, record => record with { IsSent = true, Started = time.GetUtcNow(), Attempts = record.Attempts + 1 }, cancellationToken);

    private static BinaryData Write(JobRecord record) => new(JsonSerializer.SerializeToUtf8Bytes(record, JobRecordJson.Default.JobRecord));

    private async Task ChangeAsync(PredictionId id, Func<JobRecord, JobRecord> change, CancellationToken cancellationToken)
    {
        while (await ReadAsync(id, cancellationToken).ConfigureAwait(false) is var (record, etag))
        {
            var changed = change(record);
            if (changed == record
                || await container.TryReplaceAsync(BlobNames.Job(id), Write(changed), etag, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private async Task<(JobRecord Record, ETag ETag)?> ReadAsync(PredictionId id, CancellationToken cancellationToken)
    {
        if (await container.ReadAsync(BlobNames.Job(id), MaxSize, cancellationToken).ConfigureAwait(false) is not { } blob)
            return null;
        var record = JsonSerializer.Deserialize(blob.Content.ToMemory().Span, JobRecordJson.Default.JobRecord);
        return (record ?? throw new InvalidDataException($"The record of job {id} is empty."), blob.ETag);
    }
}
