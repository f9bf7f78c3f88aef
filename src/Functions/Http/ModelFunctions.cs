using Functions.Hosting;
using Functions.Jobs;
using Functions.Predictions;
using Inference;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.Predict;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using StorageAccounts;

namespace Functions.Http;

/// <summary>Returns the models and their states.</summary>
public sealed class ModelFunctions(ModelCatalog catalog, StorageAccount account)
{
    [Function("Models")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models")] HttpRequest request,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Problem, async () =>
        {
            var statuses = await catalog.ListAsync(name: null, cancellationToken).ConfigureAwait(false);
            var problem = JobStorageCheck.FindProblem(account);
            return BodyResult.Create(buffer => ModelsWriter.WriteList(buffer, CallerText.Redact(statuses), problem));
        });

    /// <summary>
    /// Returns a model. Loads the version in <c>?version=</c>, or else the version that serves requests without a version, because the
    /// response contains the version's signature.
    /// </summary>
    [Function("Model")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models/{model}")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Problem, async () =>
        {
            var name = ModelName.Parse(model);
            var (described, failure) = await LoadAsync(name, ReadVersion(request, model), cancellationToken).ConfigureAwait(false);
            await catalog.ComputeDigestsAsync(name, cancellationToken).ConfigureAwait(false);
            var statuses = await catalog.ListAsync(name, cancellationToken).ConfigureAwait(false);
            // A model without versions has no state that could contain the reason for the failure.
            if (failure is not null && statuses.Count == 0)
                return ErrorResults.From(failure, ErrorStyle.Problem);
            return BodyResult.Create(buffer => ModelsWriter.WriteModel(buffer, name, CallerText.Redact(statuses), described));
        });

    private static VersionSelector ReadVersion(HttpRequest request, string model) => request.Query["version"].ToString() switch
    {
        "" => default,
        var version => RequestedVersion.Select(request, model, version),
    };

    /// <summary>
    /// Loads a version. Returns no model when the version does not load; the states of the versions then contain the reason.
    /// </summary>
    private async Task<(Model? Model, InferenceException? Failure)> LoadAsync(
        ModelName name, VersionSelector version, CancellationToken cancellationToken)
    {
        try
        {
            using var lease = await catalog.LeaseAsync(name, version, cancellationToken).ConfigureAwait(false);
            return (lease.Model, null);
        }
        catch (InferenceException e) when (e.Error == InferenceError.ModelUnavailable)
        {
            return (null, e);
        }
    }
}
