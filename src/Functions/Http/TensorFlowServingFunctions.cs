using Functions.Hosting;
using Functions.Hosting.Configuration;
using Functions.Predictions;
using Inference;
using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings.Versions;
using Inference.Protocols.TensorFlowServing;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>TensorFlow Serving's REST API. As in TensorFlow Serving itself, a body is read as JSON whatever its Content-Type is.</summary>
public sealed class TensorFlowServingFunctions(Predictor predictor, ModelCatalog catalog, Settings settings)
{
    [Function("TensorFlowPredict")]
    public Task<IResult> PredictAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/models/{model}:predict")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        PredictAsync(request, model, () => RequestedVersion.Select(request, model, version: null), cancellationToken);

    [Function("TensorFlowPredictVersion")]
    public Task<IResult> PredictVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/models/{model}/versions/{version}:predict")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        PredictAsync(request, model, () => RequestedVersion.ParseNumber(model, version), cancellationToken);

    [Function("TensorFlowPredictLabel")]
    public Task<IResult> PredictLabelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/models/{model}/labels/{label}:predict")] HttpRequest request,
        string model,
        string label,
        CancellationToken cancellationToken) =>
        PredictAsync(request, model, () => ParseLabel(model, label), cancellationToken);

    [Function("TensorFlowStatus")]
    public Task<IResult> StatusAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/models/{model}")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        StatusAsync(
            request, model, () => default, cancellationToken, OpenAiModelFunctions.IsOpenAiRequest(request) && !IsPredictCall(request));

    [Function("TensorFlowStatusVersion")]
    public Task<IResult> StatusVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/models/{model}/versions/{version}")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        StatusAsync(request, model, () => RequestedVersion.ParseNumber(model, version), cancellationToken);

    [Function("TensorFlowStatusLabel")]
    public Task<IResult> StatusLabelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/models/{model}/labels/{label}")] HttpRequest request,
        string model,
        string label,
        CancellationToken cancellationToken) =>
        StatusAsync(request, model, () => ParseLabel(model, label), cancellationToken);

    [Function("TensorFlowMetadata")]
    public Task<IResult> MetadataAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/models/{model}/metadata")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        MetadataAsync(model, () => default, cancellationToken);

    [Function("TensorFlowMetadataVersion")]
    public Task<IResult> MetadataVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/models/{model}/versions/{version}/metadata")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        MetadataAsync(model, () => RequestedVersion.ParseNumber(model, version), cancellationToken);

    [Function("TensorFlowMetadataLabel")]
    public Task<IResult> MetadataLabelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/models/{model}/labels/{label}/metadata")] HttpRequest request,
        string model,
        string label,
        CancellationToken cancellationToken) =>
        MetadataAsync(model, () => ParseLabel(model, label), cancellationToken);

    private Task<IResult> PredictAsync(
        HttpRequest request, string model, Func<VersionSelector> selectVersion, CancellationToken cancellationToken) =>
        InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            var (name, selector) = (ModelName.Parse(model), selectVersion());
            using var json = await RequestBody.ReadAsync(request, settings.MaxBodySize, offset: 0, cancellationToken).ConfigureAwait(false);
            var body = new TensorFlowServingBody(json.Written);
            using var prediction =
                await predictor.PredictAsync(name, selector, body, TensorFlowServingReader.Read, cancellationToken).ConfigureAwait(false);
            await LargeBodyThreads.WaitForTurnIfLargeAsync(prediction).ConfigureAwait(false);
            return BodyResult.Create(
                (prediction, body.Layout),
                static (buffer, state) => TensorFlowServingWriter.WritePrediction(buffer, state.prediction, state.Layout));
        });

    /// <summary>
    /// Loads the requested version, and then reports its state. Clients of TensorFlow Serving wait for AVAILABLE before their first
    /// request, but this server loads a model only on a request.
    /// </summary>
    private Task<IResult> StatusAsync(
        HttpRequest request, string model, Func<VersionSelector> selectVersion, CancellationToken cancellationToken,
        bool isOpenAi = false) =>
        InferenceHandlers.GuardAsync(isOpenAi ? ErrorStyle.OpenAi : ErrorStyle.Message, async () =>
        {
            ThrowIfPredictCall(request);
            var (name, selector) = (isOpenAi ? OpenAiModelFunctions.ParseModel(model) : ModelName.Parse(model), selectVersion());
            long? reportedVersion = null;
            InferenceException? failure = null;
            try
            {
                using var lease = await catalog.LeaseAsync(name, selector, cancellationToken).ConfigureAwait(false);
                reportedVersion = selector.Version is null ? null : lease.Model.Id.Version;
            }
            catch (InferenceException e) when (e.Error == InferenceError.ModelUnavailable && selector.Version?.Label is null)
            {
                (reportedVersion, failure) = (selector.Version?.Number, e);
            }

            var statuses = await catalog.ListAsync(name, cancellationToken).ConfigureAwait(false);
            var reported = CallerText.Redact(statuses)
                .Where(status => reportedVersion is null || status.Version.Id.Version == reportedVersion).ToList();
            // If the response contains a version, the state of that version contains the reason for the failure. Otherwise the failure
            // itself is the response.
            if (failure is not null && reported.Count == 0)
                throw failure;
            return BodyResult.Create(buffer => TensorFlowServingWriter.WriteStatus(
                buffer,
                name,
                reported,
                isOpenAi ? writer => OpenAiModelFunctions.WriteMembers(writer, name, statuses) : null));
        });

    private Task<IResult> MetadataAsync(string model, Func<VersionSelector> selectVersion, CancellationToken cancellationToken) =>
        InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            using var lease = await catalog.LeaseAsync(ModelName.Parse(model), selectVersion(), cancellationToken).ConfigureAwait(false);
            return BodyResult.Create(buffer => TensorFlowServingWriter.WriteMetadata(buffer, lease.Model));
        });

    /// <summary>Throws for GET on the path of a predict call, because the routes of the status calls also match this path.</summary>
    private static void ThrowIfPredictCall(HttpRequest request)
    {
        if (!IsPredictCall(request))
            return;
        request.HttpContext.Response.Headers.Allow = $"{HttpMethods.Post}, {HttpMethods.Options}";
        throw new RefusedRequestException(
            $"{Quote.Shorten(request.Path.Value!)} accepts only {HttpMethods.Post}.", StatusCodes.Status405MethodNotAllowed,
            ServerErrorCodes.MethodNotAllowed);
    }

    private static bool IsPredictCall(HttpRequest request) =>
        request.Path.Value.AsSpan().TrimEnd('/').EndsWith(":predict", StringComparison.OrdinalIgnoreCase);

    private static VersionSelector ParseLabel(string model, string label) => VersionRef.IsLabel(label)
        ? new VersionSelector(new VersionRef(label))
        : throw new InferenceException(
            InferenceError.ModelNotFound, $"Model {Quote.Shorten(model)} has no version labelled \"{Quote.Shorten(label)}\".")
        {
            Reason = ErrorReason.VersionNotFound,
        };
}
