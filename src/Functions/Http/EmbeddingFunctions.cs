using Functions.Hosting.Configuration;
using Inference;
using Inference.Models;
using Inference.Protocols.Embeddings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>Embeddings in OpenAI's form, of models that declare a tokenizer.</summary>
public sealed class EmbeddingFunctions(Predictor predictor, Settings settings)
{
    [Function("Embeddings")]
    public Task<IResult> EmbedAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/embeddings")] HttpRequest request,
        CancellationToken cancellationToken) => Endpoint.GuardAsync(ErrorStyle.OpenAi, async () =>
        {
            using var json = await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            var body = EmbeddingBody.Read(json.Written);
            var selector = Endpoint.SelectVersion(request, body.Model, version: null);
            using var prediction = await predictor
                .PredictAsync(ModelName.Parse(body.Model), selector, body, static (body, model) => body.ToRequest(model), cancellationToken)
                .ConfigureAwait(false);
            await LargeBodies.WaitForTurnAsync(prediction).ConfigureAwait(false);
            return JsonBody.Create((prediction, body), static (buffer, answer) =>
                EmbeddingWriter.Write(buffer, answer.prediction, answer.body));
        });
}
