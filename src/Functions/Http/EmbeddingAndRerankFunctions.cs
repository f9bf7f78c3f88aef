using Functions.Predictions;
using Inference.Protocols.Embeddings;
using Inference.Protocols.Rerank;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>Embeddings in OpenAI's format, and reranking in Jina's and Cohere's. The body names the model.</summary>
public sealed class EmbeddingAndRerankFunctions(InferenceHandlers handlers)
{
    [Function("Embeddings")]
    public Task<IResult> EmbedAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/embeddings")] HttpRequest request,
        CancellationToken cancellationToken) =>
        handlers.RunTextCallAsync(request, model: null, static json => new EmbeddingBody(json), ErrorStyle.OpenAi, cancellationToken);

    [Function("Rerank")]
    public Task<IResult> RerankAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/rerank")] HttpRequest request,
        CancellationToken cancellationToken) =>
        handlers.RunTextCallAsync(request, model: null, RerankCall.Read, ErrorStyle.Rerank, cancellationToken);

    /// <summary>The route of version 2 of Cohere's API. Cohere's clients use the same base address for both versions.</summary>
    [Function("RerankV2")]
    public Task<IResult> RerankV2Async(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/rerank")] HttpRequest request,
        CancellationToken cancellationToken) =>
        handlers.RunTextCallAsync(request, model: null, RerankCall.ReadWithoutDocuments, ErrorStyle.Rerank, cancellationToken);
}
