using Functions.Hosting.Configuration;
using Functions.Predictions;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Reload;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>The model repository extension of the Open Inference Protocol v2.</summary>
public sealed class RepositoryFunctions(ModelCatalog catalog, ModelReloader reloader, Settings settings)
{
    [Function("RepositoryIndex")]
    public Task<IResult> IndexAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "v2/repository/index")] HttpRequest request,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            var body = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
            var statuses = await catalog.ListAsync(name: null, cancellationToken).ConfigureAwait(false);
            return BodyResult.CreateUncompressed(buffer =>
                OpenInferenceWriter.WriteIndex(buffer, statuses.Where(status => !body.IsReadyOnly || status.State == ModelState.Ready)));
        });

    /// <summary>Reads the store at once, and loads the version that serves requests without a version.</summary>
    [Function("RepositoryLoad")]
    public Task<IResult> LoadAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "v2/repository/models/{model}/load")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            var name = ModelName.Parse(model);
            await ReadAsync(request, cancellationToken).ConfigureAwait(false);
            await reloader.LoadAsync(name, cancellationToken).ConfigureAwait(false);
            return Results.Ok();
        });

    /// <summary>Unloads all versions of the model. A later request loads the version that it needs.</summary>
    [Function("RepositoryUnload")]
    public Task<IResult> UnloadAsync(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "v2/repository/models/{model}/unload")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.Message, async () =>
        {
            JsonMediaType.ThrowIfNotJson(request);
            await catalog.UnloadAsync(ModelName.Parse(model)).WaitAsync(cancellationToken).ConfigureAwait(false);
            return Results.Ok();
        });

    private async Task<RepositoryBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
        return RepositoryBody.Read(body.Written);
    }
}
