using System.Text.Json;
using Functions.Hosting;
using Functions.Predictions;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.Embeddings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>
/// The model calls of OpenAI's API. The call for one model shares its route with TensorFlow Serving's status call. Every OpenAI client
/// sends <c>Authorization: Bearer</c>. A request with this header gets OpenAI's object, which also contains the members of TensorFlow
/// Serving's status.
/// </summary>
public sealed class OpenAiModelFunctions(ModelCatalog catalog)
{
    /// <summary>The path of the list. The path of one model begins with this path and a slash.</summary>
    internal const string Path = "/v1/models";

    [Function("OpenAiModels")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/models")] HttpRequest _,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.OpenAi, async () =>
        {
            var statuses = await catalog.ListAsync(name: null, cancellationToken).ConfigureAwait(false);
            return BodyResult.Create(buffer =>
                OpenAiModelWriter.WriteList(buffer, statuses.Select(status => status.Version), ServerIdentity.Name));
        });

    /// <summary>Whether a request for one model expects OpenAI's format.</summary>
    internal static bool IsOpenAiRequest(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Parses the name of a model in the path, or the id of a Hugging Face repository. The slash of an id stays encoded in a route value.
    /// </summary>
    internal static ModelName ParseModel(string model) =>
        ModelName.ParseRepository(model.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));

    /// <summary>Writes the members of OpenAI's object for one model.</summary>
    internal static void WriteMembers(Utf8JsonWriter writer, ModelName model, IEnumerable<ModelStatus> statuses) =>
        OpenAiModelWriter.WriteMembers(writer, model, statuses.Select(status => status.Version), ServerIdentity.Name);
}
