using Functions.OpenApi;
using Functions.Predictions;
using Inference.Catalog;
using Inference.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>
/// The OpenAPI document: all calls, and schemas of the loaded models. A model that is not loaded has no schemas, because its signature is
/// not known.
/// </summary>
public sealed class OpenApiFunctions(ModelCatalog catalog)
{
    [Function("OpenApi")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "openapi.json")] HttpRequest request,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Problem, async () =>
        {
            var models = await FindLoadedAsync(cancellationToken).ConfigureAwait(false);
            return BodyResult.Create(buffer =>
            {
                using var writer = new OpenApiWriter(buffer);
                writer.Write(models, PublicAddress.GetAddress(request, segments: 1));
            });
        });

    /// <summary>Returns the highest loaded version of each model.</summary>
    private async Task<List<Model>> FindLoadedAsync(CancellationToken cancellationToken)
    {
        var models = new List<Model>();
        var statuses = await catalog.ListAsync(name: null, cancellationToken).ConfigureAwait(false);
        foreach (var ready in statuses.Where(status => status.State == ModelState.Ready).GroupBy(status => status.Version.Id.Name))
        {
            using var lease = await catalog.LeaseAsync(ready.Key, ready.Max(status => status.Version.Id.Version), cancellationToken)
                .ConfigureAwait(false);
            models.Add(lease.Model);
        }

        return models;
    }
}
