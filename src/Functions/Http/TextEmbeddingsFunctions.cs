using System.Buffers;
using Functions.Hosting;
using Functions.Hosting.Configuration;
using Functions.Predictions;
using Inference;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.Text;
using Inference.Protocols.TextEmbeddings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>
/// The routes of Hugging Face's server Text Embeddings Inference, for each model. Clients use <c>/models/{model}</c> as their base address.
/// The route <c>predict</c> of Text Embeddings Inference is named <c>classify</c> on this server.
/// </summary>
public sealed class TextEmbeddingsFunctions(InferenceHandlers handlers, Predictor predictor, ModelCatalog catalog, Settings settings)
{
    /// <summary>Runs the model's task. Hugging Face's clients send this call to the address of the model itself.</summary>
    [Function("TextModel")]
    public Task<IResult> CallAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => handlers.RunModelCallAsync(request, model, cancellationToken);

    [Function("TextEmbed")]
    public Task<IResult> EmbedAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/embed")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => RunTextCallAsync(request, model, static json => new EmbedCall(json), cancellationToken);

    [Function("TextEmbedAll")]
    public Task<IResult> EmbedAllAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/embed_all")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        RunTextCallAsync(request, model, static json => new EmbedAllCall(json), cancellationToken);

    [Function("TextEmbedSparse")]
    public Task<IResult> EmbedSparseAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/embed_sparse")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        RunTextCallAsync(request, model, static json => new EmbedSparseCall(json), cancellationToken);

    [Function("TextSimilarity")]
    public Task<IResult> CompareAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/similarity")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
            RunTextCallAsync(request, model, static json => new SimilarityCall(json), cancellationToken);

    [Function("TextRerank")]
    public Task<IResult> RankAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/rerank")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => RunTextCallAsync(request, model, static json => new RankCall(json), cancellationToken);

    [Function("TextClassify")]
    public Task<IResult> ClassifyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/classify")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => RunTextCallAsync(request, model, static json => new ClassifyCall(json), cancellationToken);

    [Function("TextTokenize")]
    public Task<IResult> TokenizeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/tokenize")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        RunTokenizerAsync(request, model, static json => new TokenizeCall(json), static (body, model, buffer, token) =>
            body.Write(buffer, model, token), cancellationToken);

    [Function("TextDecode")]
    public Task<IResult> DecodeAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/decode")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        RunTokenizerAsync(request, model, static json => new DecodeCall(json), static (body, model, buffer, token) =>
            body.Write(buffer, model, token), cancellationToken);

    /// <summary>
    /// Returns the task of a model and the limits of requests. Loads the model, because the task depends on the model's signature.
    /// </summary>
    [Function("TextInfo")]
    public Task<IResult> GetInfoAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models/{model}/info")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.TextEmbeddings, async () =>
        {
            using var lease = await catalog.LeaseAsync(ModelName.Parse(model), default, cancellationToken).ConfigureAwait(false);
            var server = new ServerInfo(settings.MaxConnections, Environment.ProcessorCount, ServerIdentity.Version);
            return BodyResult.Create((lease.Model, server), static (buffer, info) => InfoWriter.Write(buffer, info.Model, info.server));
        });

    private Task<IResult> RunTextCallAsync(
        HttpRequest request, string model, Func<ReadOnlyMemory<byte>, TextCall> read, CancellationToken cancellationToken) =>
        handlers.RunTextCallAsync(request, model, read, ErrorStyle.TextEmbeddings, cancellationToken);

    /// <summary>
    /// Creates a response with the model's tokenizer, without a run of the model. The tokenizer waits for a free processor, as a run does.
    /// </summary>
    private Task<IResult> RunTokenizerAsync<TBody>(
        HttpRequest request,
        string model,
        Func<ReadOnlyMemory<byte>, TBody> read,
        Action<TBody, Model, IBufferWriter<byte>, CancellationToken> write,
        CancellationToken cancellationToken) => InferenceHandlers.GuardAsync(ErrorStyle.TextEmbeddings, async () =>
        {
            using var json = await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            var body = read(json.Written);
            return await predictor.RunWithModelAsync(
                ModelName.Parse(model),
                RequestedVersion.Select(request, model, version: null),
                body,
                (body, model, token) => BodyResult.Create(buffer => write(body, model, buffer, token)),
                cancellationToken).ConfigureAwait(false);
        });
}
