using System.Globalization;
using Functions.Hosting;
using Functions.Hosting.Configuration;
using Functions.Http;
using Functions.Predictions;
using Inference;
using Inference.Azure.Predictions;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Jobs;

/// <summary>Predictions as jobs: a request creates a job, the queue runs the job, and later requests read its state and result.</summary>
public sealed class JobFunctions(JobService jobs, ModelCatalog catalog, StorageAccount account, Settings settings, TimeProvider time)
{
    /// <summary>The value of the header Retry-After. Most predictions end within this time.</summary>
    private const int RetryAfterSeconds = 1;

    /// <summary>The number of jobs in a page of the list: the default and the maximum.</summary>
    private const int DefaultLimit = 25, MaxLimit = 100;

    /// <summary>
    /// The numbers of segments for <see cref="PublicAddress.GetPath"/>, in the order of the routes: jobs, jobs/{id}, models/{model}/jobs,
    /// models/{model}/versions/{version}/jobs.
    /// </summary>
    private const int ListSegments = 1, JobSegments = 2, SubmitSegments = 3, SubmitVersionSegments = 5;

    [Function("JobSubmit")]
    public Task<IResult> SubmitAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/jobs")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => SubmitAsync(request, model, version: null, cancellationToken);

    [Function("JobSubmitVersion")]
    public Task<IResult> SubmitVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/versions/{version}/jobs")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) => SubmitAsync(request, model, version, cancellationToken);

    /// <summary>Lists the jobs. The list is for operators only, because every caller can read and cancel a job by its id.</summary>
    [Function("Jobs")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "get", Route = "jobs")] HttpRequest request,
        CancellationToken cancellationToken) => GuardAsync(async () =>
        {
            var (count, after) = (ReadLimit(request), ReadContinuation(request));
            var (page, last) = await jobs.ListAsync(count, after, cancellationToken).ConfigureAwait(false);
            return BodyResult.Create(buffer =>
                JobWriter.WriteList(buffer, page, time.GetUtcNow(), last?.ToString(), PublicAddress.GetPath(request, ListSegments)));
        });

    [Function("Job")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jobs/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => GuardAsync(async () =>
        {
            var job = await jobs.FindAsync(ParseId(id), cancellationToken).ConfigureAwait(false) ?? throw CreateNotFoundError(id);
            return CreateResponse(job, StatusCodes.Status200OK, PublicAddress.GetPath(request, JobSegments));
        });

    /// <summary>Returns the result of a job. Unlike <see cref="GetAsync"/>, this route returns results of every size.</summary>
    [Function("JobResult")]
    public Task<IResult> GetResultAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "jobs/{id}/result")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => GuardAsync(async () =>
        {
            var result = await jobs.OpenResultAsync(ParseId(id), cancellationToken).ConfigureAwait(false)
                ?? throw new RefusedRequestException(
                    $"Job {id} is unknown or has no result. GET /jobs/{id} shows its state.",
                    StatusCodes.Status404NotFound,
                    ServerErrorCodes.JobNotFound);
            return TypedResults.Stream(result, "application/json");
        });

    /// <summary>Cancels a job. Cancelling a finished job changes nothing, so a repeated call gets the same response.</summary>
    [Function("JobCancel")]
    public Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "jobs/{id}")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) => GuardAsync(async () =>
        {
            var job = await jobs.CancelAsync(ParseId(id), cancellationToken).ConfigureAwait(false) ?? throw CreateNotFoundError(id);
            return CreateResponse(job, StatusCodes.Status200OK, PublicAddress.GetPath(request, JobSegments));
        });

    private Task<IResult> SubmitAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken) =>
        GuardAsync(async () =>
        {
            var (name, number, key) = (ModelName.Parse(model), RequestedVersion.ParseNumber(model, version), ReadKey(request));
            using var body = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
            await ThrowIfModelMissingAsync(name, number, cancellationToken).ConfigureAwait(false);
            var job = await jobs.SubmitAsync(key, name, number, body.Written, cancellationToken).ConfigureAwait(false);
            return CreateSubmitResponse(job, PublicAddress.GetPath(request, version is null ? SubmitSegments : SubmitVersionSegments));
        });

    /// <summary>
    /// Reads the request as JSON, because the queue message of a job contains JSON. Converts an image to JSON. The caller disposes the
    /// buffer.
    /// </summary>
    private async Task<PooledBuffer> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (ImageBody.CanBeImage(request))
        {
            using var body = await RequestBody.ReadAsync(request, settings.MaxBodySize, offset: 0, cancellationToken).ConfigureAwait(false);
            return ToJson(ImageBody.FromRequest(request, body.Written));
        }

        try
        {
            var json = await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            if (ImageBody.FindUntyped(request, json.Written) is not { } image)
                return json;
            using (json)
                return ToJson(image);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status415UnsupportedMediaType && !RequestBody.IsJson(request))
        {
            throw JsonMediaType.CreateUnsupportedError($"{e.Message} For a model that accepts images: {ImageBody.SendingAdvice}");
        }
    }

    private static PooledBuffer ToJson(ImageBody image)
    {
        var json = new PooledBuffer(image.File.Length);
        try
        {
            image.WriteJson(json);
            return json;
        }
        catch
        {
            json.Dispose();
            throw;
        }
    }

    /// <summary>Throws when the model or the version does not exist, because the job would fail later for the same reason.</summary>
    private async Task ThrowIfModelMissingAsync(ModelName name, long? version, CancellationToken cancellationToken)
    {
        try
        {
            await catalog.CheckAsync(name, version, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException e) when (e.Error == InferenceError.ModelUnavailable)
        {
            // The store does not respond now, but it may respond when the job runs.
        }
    }

    private async Task<IResult> GuardAsync(Func<Task<IResult>> handle)
    {
        try
        {
            return await InferenceHandlers
                .GuardAsync(ErrorStyle.Problem, () =>
                {
                    JobStorageCheck.ThrowIfUnusable(account);
                    return handle();
                })
                .ConfigureAwait(false);
        }
        catch (StorageSettingsException e)
        {
            return ErrorResults.From(JobStorageCheck.CreateError(e), ErrorStyle.Problem);
        }
    }

    private static BodyResult CreateSubmitResponse(Job job, string address)
    {
        var status = job.IsFinished ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        return CreateResponse(job, status, address, location: $"{address}/jobs/{job.Id}");
    }

    /// <param name="address">The path below which callers reach all routes.</param>
    private static BodyResult CreateResponse(Job job, int status, string address, string? location = null) => BodyResult.Create(
        buffer => JobWriter.Write(buffer, job, address), status, retryAfter: job.IsFinished ? null : RetryAfterSeconds, location: location);

    private static int ReadLimit(HttpRequest request) => request.Query["limit"].ToString() switch
    {
        "" => DefaultLimit,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= MaxLimit
            => limit,
        var text => throw new BadHttpRequestException($"limit is \"{Quote.Shorten(text)}\". Send a whole number from 1 to {MaxLimit}."),
    };

    private static JobPosition? ReadContinuation(HttpRequest request) => request.Query["continuation"].ToString() switch
    {
        "" => null,
        var text when JobPosition.TryParse(text, out var position) => position,
        var text => throw new BadHttpRequestException(
            $"continuation is \"{Quote.Shorten(text)}\". Send the \"continuation\" of the previous page, or none for the first page."),
    };

    private static PredictionId? ReadKey(HttpRequest request)
    {
        if (!request.Headers.TryGetValue("Idempotency-Key", out var key))
            return null;
        return PredictionId.TryParse(key, out var id)
            ? id
            : throw new BadHttpRequestException($"The header Idempotency-Key is not a valid job id: an id is {PredictionId.Rule}.");
    }

    private static PredictionId ParseId(string id) => PredictionId.TryParse(id, out var parsed) ? parsed : throw CreateNotFoundError(id);

    private static RefusedRequestException CreateNotFoundError(string id) =>
        new($"Job {Quote.Shorten(id)} does not exist or has expired.", StatusCodes.Status404NotFound, ServerErrorCodes.JobNotFound);
}
