using Functions.Predictions;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>The statistics and the model configuration extensions of the Open Inference Protocol v2.</summary>
public sealed class StatisticsFunctions(ModelCatalog catalog)
{
    [Function("OpenInferenceModelStats")]
    public Task<IResult> ModelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/stats")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => GetStatisticsAsync(request, model, version: null, cancellationToken);

    [Function("OpenInferenceModelVersionStats")]
    public Task<IResult> ModelVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/versions/{version}/stats")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) => GetStatisticsAsync(request, model, version, cancellationToken);

    [Function("OpenInferenceModelConfig")]
    public Task<IResult> ConfigAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/config")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => GetConfigurationAsync(request, model, version: null, cancellationToken);

    [Function("OpenInferenceModelVersionConfig")]
    public Task<IResult> VersionConfigAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/versions/{version}/config")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) => GetConfigurationAsync(request, model, version, cancellationToken);

    /// <summary>Returns the statistics of all versions that have received requests.</summary>
    internal static BodyResult CreateForAllModels(ModelCatalog catalog) =>
        BodyResult.CreateUncompressed(buffer => StatisticsWriter.Write(buffer, catalog.GetStatistics(name: null, version: null)));

    private Task<IResult> GetStatisticsAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken) =>
        InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            var name = ModelName.Parse(model);
            var selector = RequestedVersion.Select(request, model, version);
            await catalog.CheckAsync(name, selector, cancellationToken).ConfigureAwait(false);
            return BodyResult.CreateUncompressed(buffer => StatisticsWriter.Write(buffer, catalog.GetStatistics(name, selector.Version)));
        });

    private Task<IResult> GetConfigurationAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken) =>
        InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            var selector = RequestedVersion.Select(request, model, version);
            using var lease = await catalog.LeaseAsync(ModelName.Parse(model), selector, cancellationToken).ConfigureAwait(false);
            return BodyResult.CreateUncompressed(buffer => ConfigurationWriter.Write(buffer, lease));
        });
}
