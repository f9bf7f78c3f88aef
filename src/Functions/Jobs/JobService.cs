using System.Security.Cryptography;
using System.Text.Json;
using Functions.Hosting;
using Functions.Predictions;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.Predictions;
using Inference.Tensors;
using Microsoft.AspNetCore.Http;

namespace Functions.Jobs;

/// <summary>Creates, reads, lists and cancels jobs.</summary>
public sealed class JobService(
    JobRequests requests, JobRecords records, RunningJobs running, PredictionContainer container, TimeProvider time)
{
    /// <summary>
    /// The maximum size in bytes of a result that is part of the job's description. Callers read a larger result from
    /// <c>/jobs/{id}/result</c>.
    /// </summary>
    private const int MaxInlineResult = 1 << 20;

    /// <summary>
    /// The maximum size in bytes of a result's head, which <see cref="ResultReader"/> reads: the fields before the response body.
    /// </summary>
    private const int MaxHeadSize = 8 * 1024;

    /// <summary>The maximum number of a list's jobs that are read concurrently.</summary>
    private const int MaxParallelReads = 8;

    /// <summary>The maximum memory for a list in bytes: a page of names from the storage, and the jobs.</summary>
    private const int MaxListMemory = 2 << 20;

    /// <summary>
    /// Creates a job, or returns the existing job with the same id. If a crash left the existing job without its queue message, sends the
    /// message.
    /// </summary>
    /// <param name="key">The caller's id for the job; null for a new id.</param>
    /// <param name="version">Null if the caller named no version. The version is then selected when the job runs.</param>
    /// <exception cref="BadHttpRequestException">Status 409: the id belongs to another job, or to a prediction that is no job.</exception>
    public async Task<Job> SubmitAsync(
        PredictionId? key, ModelName model, long? version, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        PooledBuffer? copy = null;
        try
        {
            body = BodyFormat.Normalize(body, ref copy);
            return await SubmitNormalizedAsync(key, model, version, body, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            copy?.Dispose();
        }
    }

    private async Task<Job> SubmitNormalizedAsync(
        PredictionId? key, ModelName model, long? version, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var id = key ?? PredictionId.Create();
        var record = new JobRecord(model.Value, version, Convert.ToHexStringLower(SHA256.HashData(body.Span)), time.GetUtcNow());
        var (existing, isNew) = await GetOrCreateAsync(id, key is null, record, cancellationToken).ConfigureAwait(false);
        if (!existing.IsSameRequestAs(record))
            throw CreateConflictError($"The id {id} belongs to another job, with another model, version or body. Use a new id.");
        if (isNew || (!existing.IsSent && await records.TryTakeOverAsync(id, cancellationToken).ConfigureAwait(false)))
        {
            await requests.SendAsync(id, model, version, body, cancellationToken).ConfigureAwait(false);
            await records.MarkSentAsync(id, cancellationToken).ConfigureAwait(false);
            InferenceMetrics.RecordJobState("queued");
        }

        return key is null
            ? CreateJob(id, record)
            : await FindAsync(id, cancellationToken).ConfigureAwait(false) ?? CreateJob(id, existing);
    }

    /// <summary>Returns a job. The job contains its result if the result has at most <see cref="MaxInlineResult"/> bytes.</summary>
    /// <returns>Null when the job does not exist or has expired.</returns>
    public Task<Job?> FindAsync(PredictionId id, CancellationToken cancellationToken) => FindAsync(id, MaxInlineResult, cancellationToken);

    /// <summary>Returns a page of the jobs without their results, the most recently changed first.</summary>
    /// <param name="count">The maximum number of jobs in the page.</param>
    /// <param name="after">The position of the last job in the previous page; null for the first page.</param>
    /// <returns>The jobs, and the position of the page's last job. The position is null when no more jobs follow.</returns>
    public async Task<(IReadOnlyList<Job> Jobs, JobPosition? Last)> ListAsync(
        int count, JobPosition? after, CancellationToken cancellationToken)
    {
        RequestMemory.Charge(MaxListMemory);
        try
        {
            // One position more than the page needs shows whether another page follows.
            var positions = await records.ListAsync(count + 1, after, cancellationToken).ConfigureAwait(false);
            var page = positions.Take(count).ToArray();
            var jobs = new Job?[page.Length];
            await Parallel.ForAsync(
                0,
                page.Length,
                new ParallelOptions { MaxDegreeOfParallelism = MaxParallelReads, CancellationToken = cancellationToken },
                async (i, token) => jobs[i] = await FindListedAsync(page[i].Id, token).ConfigureAwait(false)).ConfigureAwait(false);
            return ([.. jobs.OfType<Job>()], positions.Count > count ? page[^1] : null);
        }
        finally
        {
            RequestMemory.Abandon(MaxListMemory);
        }
    }

    /// <summary>Ends the job with a cancelled result. A job has only one result, so a finished job stays unchanged.</summary>
    /// <returns>Null when the job does not exist or has expired.</returns>
    public async Task<Job?> CancelAsync(PredictionId id, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken).ConfigureAwait(false) is null)
            return null;
        using var cancelled = new PooledBuffer(MaxHeadSize);
        ResultWriter.WriteCancelled(cancelled, id);
        if (await container.TryCreateAsync(BlobNames.Result(id), cancelled.Written, cancellationToken).ConfigureAwait(false))
        {
            InferenceMetrics.RecordJobState("cancelled");
            await running.CancelAsync(id).ConfigureAwait(false);
        }

        return await FindAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the response body in a result. The body can have any size.</summary>
    /// <returns>A stream that the caller disposes; null when the prediction has not succeeded.</returns>
    public async Task<Stream?> OpenResultAsync(PredictionId id, CancellationToken cancellationToken)
    {
        var name = BlobNames.Result(id);
        if (await container.ReadAsync(name, MaxHeadSize, cancellationToken).ConfigureAwait(false) is not { } head
            || ResultReader.Read(head.Content.ToMemory().Span) is not { Status: PredictionStatus.Succeeded, BodyStart: var start })
        {
            return null;
        }

        return await container.OpenAsync(name, start, head.Length - start - 1, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="isUnique">Whether this call has generated the id, so that no other call can use the id.</param>
    private async Task<(JobRecord Record, bool IsNew)> GetOrCreateAsync(
        PredictionId id, bool isUnique, JobRecord record, CancellationToken cancellationToken)
    {
        if (!isUnique)
        {
            if (await records.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } existing)
                return (existing, false);
            // A result without a job record belongs to a prediction that is not a job, and must not be returned as this job's result. The
            // record is read again, because a concurrent call may have created the job after the first read.
            if (await container.ExistsAsync(BlobNames.Result(id), cancellationToken).ConfigureAwait(false))
            {
                return await records.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } created
                    ? (created, false)
                    : throw CreateConflictError($"The id {id} belongs to a prediction that already has a result. Use a new id.");
            }
        }

        return await records.GetOrCreateAsync(id, record, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="resultLimit">The maximum number of bytes to read of the result.</param>
    private async Task<Job?> FindAsync(PredictionId id, int resultLimit, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } record)
            return null;
        var result = await container.ReadAsync(BlobNames.Result(id), resultLimit, cancellationToken).ConfigureAwait(false);
        return result is null ? CreateJob(id, record) : CreateJob(id, record, result);
    }

    /// <returns>Null when the job expired after its position was listed, or when its blobs do not have a job's content.</returns>
    private async Task<Job?> FindListedAsync(PredictionId id, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(id, MaxHeadSize, cancellationToken).ConfigureAwait(false) is { } job ? job with { Result = null } : null;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            // A blob that cannot be read must not prevent the listing of the other jobs.
            return null;
        }
    }

    private static Job CreateJob(PredictionId id, JobRecord record) => new(
        id,
        record.Model,
        record.Version,
        record.Attempts > 0 ? PredictionStatus.Running : PredictionStatus.Queued,
        record.Created,
        record.Started,
        Finished: null,
        record.Attempts)
    {
        Retry = record.Retry is { } retry
            ? new PendingRetry(retry.Attempt, retry.MaxAttempts, new PredictionFailure(retry.Code, retry.Message))
            : null,
    };

    private static Job CreateJob(PredictionId id, JobRecord record, StoredBlob blob)
    {
        var content = blob.Content.ToMemory();
        var result = ResultReader.Read(content.Span);
        return CreateJob(id, record) with
        {
            Version = result.Model?.Version ?? record.Version,
            Status = result.Status,
            // The storage keeps times in whole seconds, so the result can seem older than the start.
            Finished = record.Started > blob.Modified ? record.Started : blob.Modified,
            Failure = result.Failure,
            Retry = null,
            // A plain null would become empty memory, which means an empty result and not a missing result.
            Result = result.Status == PredictionStatus.Succeeded && blob.IsComplete
                ? content[result.BodyStart..^1]
                : default(ReadOnlyMemory<byte>?),
        };
    }

    private static RefusedRequestException CreateConflictError(string message) =>
        new(message, StatusCodes.Status409Conflict, ServerErrorCodes.JobConflict);
}
