using Functions.Hosting;
using Functions.Predictions;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>The Open Inference Protocol v2 over REST.</summary>
public sealed class OpenInferenceFunctions(InferenceHandlers handlers, ModelCatalog catalog)
{
    [Function("OpenInferenceServer")]
    public IResult Server([HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2")] HttpRequest request) =>
        BodyResult.CreateUncompressed(buffer =>
            OpenInferenceWriter.WriteServerMetadata(buffer, ServerIdentity.Name, ServerIdentity.Version));

    [Function("OpenInferenceModel")]
    public Task<IResult> ModelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        // Triton has the route /v2/models/stats for the statistics of all models. This function also serves that route, because the routes
        // of a Functions host must not overlap.
        model == "stats"
            ? Task.FromResult<IResult>(StatisticsFunctions.CreateForAllModels(catalog))
            : DescribeAsync(request, model, version: null, cancellationToken);

    [Function("OpenInferenceModelVersion")]
    public Task<IResult> ModelVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/versions/{version}")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) => DescribeAsync(request, model, version, cancellationToken);

    [Function("OpenInferenceModelReady")]
    public Task<IResult> ModelReadyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/ready")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => CheckReadyAsync(request, model, version: null, cancellationToken);

    [Function("OpenInferenceModelVersionReady")]
    public Task<IResult> ModelVersionReadyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/versions/{version}/ready")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) => CheckReadyAsync(request, model, version, cancellationToken);

    [Function("OpenInferenceInfer")]
    public Task<IResult> InferAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/infer")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => handlers.InferAsync(request, model, version: null, cancellationToken);

    [Function("OpenInferenceInferVersion")]
    public Task<IResult> InferVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/models/{model}/versions/{version}/infer")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) => handlers.InferAsync(request, model, version, cancellationToken);

    private Task<IResult> DescribeAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken) =>
        InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            var name = ModelName.Parse(model);
            using var lease =
                await catalog.LeaseAsync(name, RequestedVersion.Select(request, model, version), cancellationToken).ConfigureAwait(false);
            var statuses = await catalog.ListAsync(name, cancellationToken).ConfigureAwait(false);
            return BodyResult.CreateUncompressed(buffer =>
                OpenInferenceWriter.WriteModelMetadata(buffer, lease.Model, statuses.Select(status => status.Version.Id.Version)));
        });

    /// <summary>
    /// Loads the model if necessary, and reports whether the model can run. Without this load, a model would not be ready before its first
    /// request.
    /// </summary>
    private Task<IResult> CheckReadyAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken) =>
        InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            var name = ModelName.Parse(model);
            using var lease =
                await catalog.LeaseAsync(name, RequestedVersion.Select(request, model, version), cancellationToken).ConfigureAwait(false);
            if (await lease.CheckAsync(cancellationToken).ConfigureAwait(false) is { } failure)
                throw failure;
            return BodyResult.CreateUncompressed(buffer => OpenInferenceWriter.WriteModelReady(buffer, name, isReady: true));
        });
}
