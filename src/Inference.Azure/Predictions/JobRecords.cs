using System.Text.Json;
using Azure;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>
/// The records of jobs. A record is created only if none exists. A change is written only if the record still has the state that was read.
/// </summary>
public sealed class JobRecords(PredictionContainer container, TimeProvider time)
{
    /// <summary>The maximum size of a record in bytes.</summary>
    private const int MaxSize = 64 * 1024;

    /// <summary>
    /// The time that a caller has to send a job's message. After this time, another caller may take over. The limit is exact to a second,
    /// because the ages of records are in whole seconds.
    /// </summary>
    private static readonly TimeSpan SendingLimit = TimeSpan.FromSeconds(6);

    /// <summary>The time between two reads of a record while a caller waits for another caller.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads the record of a job.</summary>
    /// <returns>The record; null when the job does not exist or has expired.</returns>
    public async Task<JobRecord?> FindAsync(PredictionId id, CancellationToken cancellationToken) =>
        (await ReadAsync(id, cancellationToken).ConfigureAwait(false))?.Record;

    /// <summary>Creates the record unless it exists.</summary>
    /// <returns>The current record, and whether this call has created it.</returns>
    public async Task<(JobRecord Record, bool IsNew)> GetOrCreateAsync(
        PredictionId id, JobRecord record, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await container.TryCreateAsync(BlobNames.Job(id), Write(record), cancellationToken).ConfigureAwait(false))
                return (record, true);
            // A record that no longer exists has expired between the two calls. The next iteration then creates the record.
            if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is { } existing)
                return (existing, false);
        }
    }

    /// <summary>
    /// Takes over the sending of a job's message from a caller that has not sent it. A caller sends the message if it created the record,
    /// or if this method returned true. This method waits until the message is sent, or until its sender has probably ended.
    /// </summary>
    /// <returns>
    /// Whether this caller must send the message now. False when the message was sent, or when the record no longer exists.
    /// </returns>
    public async Task<bool> TryTakeOverAsync(PredictionId id, CancellationToken cancellationToken)
    {
        while (await ReadAsync(id, cancellationToken).ConfigureAwait(false) is var (record, etag, age) && !record.IsSent)
        {
            // The unchanged record is written again, so that its age is measured from this caller's attempt.
            if (age >= SendingLimit
                && await container.TryReplaceAsync(BlobNames.Job(id), Write(record), etag, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Records that the message was sent to the queue.</summary>
    public Task MarkSentAsync(PredictionId id, CancellationToken cancellationToken) =>
        ChangeAsync(id, record => record.IsSent ? record : record with { IsSent = true }, cancellationToken);

    /// <summary>Records the start of another attempt at the job.</summary>
    public Task MarkRunningAsync(PredictionId id, CancellationToken cancellationToken) => ChangeAsync(
        id,
        record => record with { IsSent = true, Started = time.GetUtcNow(), Attempts = record.Attempts + 1, Retry = null },
        cancellationToken);

    /// <summary>
    /// Writes the record again without a change, so that its time to live begins anew. The request blob of the job is renewed too, if the
    /// job has one.
    /// </summary>
    /// <returns>False when the job does not exist or has expired.</returns>
    public async Task<bool> RenewAsync(PredictionId id, CancellationToken cancellationToken)
    {
        while (await ReadAsync(id, cancellationToken).ConfigureAwait(false) is var (record, etag, _))
        {
            if (await container.TryReplaceAsync(BlobNames.Job(id), Write(record), etag, cancellationToken).ConfigureAwait(false))
            {
                await container.RenewAsync(BlobNames.Request(id), cancellationToken).ConfigureAwait(false);
                return true;
            }
        }

        return false;
    }

    /// <summary>Records that an attempt at the job has failed, and that another attempt follows.</summary>
    public Task MarkRetriedAsync(PredictionId id, JobRetry retry, CancellationToken cancellationToken) =>
        ChangeAsync(id, record => record with { Retry = retry }, cancellationToken);

    /// <summary>
    /// Lists the jobs whose records changed last. The call reads the names and times of all records, but keeps only one page in memory.
    /// </summary>
    /// <param name="count">The maximum number of jobs.</param>
    /// <param name="after">The last job of the previous page; null for the first page.</param>
    public async Task<IReadOnlyList<JobPosition>> ListAsync(int count, JobPosition? after, CancellationToken cancellationToken)
    {
        var newest = new SortedSet<JobPosition>(JobPosition.Order);
        await foreach (var (name, modified) in container.ListAsync(BlobNames.JobFolder, cancellationToken).ConfigureAwait(false))
        {
            if (BlobNames.ParseJobId(name) is not { } id)
                continue;
            var position = new JobPosition(modified, id);
            if (after is { } last && JobPosition.Order.Compare(position, last) <= 0)
                continue;
            newest.Add(position);
            if (newest.Count > count)
                newest.Remove(newest.Max);
        }

        return [.. newest];
    }

    private static BinaryData Write(JobRecord record) => new(JsonSerializer.SerializeToUtf8Bytes(record, JobRecordJson.Default.JobRecord));

    private async Task ChangeAsync(PredictionId id, Func<JobRecord, JobRecord> change, CancellationToken cancellationToken)
    {
        while (await ReadAsync(id, cancellationToken).ConfigureAwait(false) is var (record, etag, _))
        {
            var changed = change(record);
            if (changed == record
                || await container.TryReplaceAsync(BlobNames.Job(id), Write(changed), etag, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private async Task<(JobRecord Record, ETag ETag, TimeSpan Age)?> ReadAsync(PredictionId id, CancellationToken cancellationToken)
    {
        if (await container.ReadAsync(BlobNames.Job(id), MaxSize, cancellationToken).ConfigureAwait(false) is not { } blob)
            return null;
        var record = JsonSerializer.Deserialize(blob.Content.ToMemory().Span, JobRecordJson.Default.JobRecord);
        return (record ?? throw new InvalidDataException($"The record of job {id} is empty."), blob.ETag, blob.Age);
    }
}
