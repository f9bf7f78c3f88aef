using Functions.Hosting;
using Functions.Predictions;
using Inference;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.Predict;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>Returns the models and their states.</summary>
public sealed class ModelFunctions(ModelCatalog catalog)
{
    [Function("Models")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models")] HttpRequest request,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Problem, async () =>
        {
            var statuses = await catalog.ListAsync(name: null, cancellationToken).ConfigureAwait(false);
            return JsonBody.Create(buffer => ModelsWriter.WriteList(buffer, CallerText.Of(statuses)));
        });

    /// <summary>Returns a model. Loads the latest version, because the response contains its signature.</summary>
    [Function("Model")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models/{model}")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Problem, async () =>
        {
            var name = ModelName.Parse(model);
            var (latest, failure) = await LoadAsync(name, cancellationToken).ConfigureAwait(false);
            await catalog.DigestAsync(name, cancellationToken).ConfigureAwait(false);
            var statuses = await catalog.ListAsync(name, cancellationToken).ConfigureAwait(false);
            // A model without versions has no state that could contain the reason.
            if (failure is not null && statuses.Count == 0)
                return ErrorResults.From(failure, ErrorStyle.Problem);
            return JsonBody.Create(buffer => ModelsWriter.WriteModel(buffer, name, CallerText.Of(statuses), latest));
        });

    /// <summary>
    /// Loads the latest version. Returns no model when the version does not load; the states of the versions then contain the reason.
    /// </summary>
    private async Task<(Model? Model, InferenceException? Failure)> LoadAsync(ModelName name, CancellationToken cancellationToken)
    {
        try
        {
            using var lease = await catalog.LeaseAsync(name, default, cancellationToken).ConfigureAwait(false);
            return (lease.Model, null);
        }
        catch (InferenceException e) when (e.Error == InferenceError.ModelUnavailable)
        {
            return (null, e);
        }
    }
}
