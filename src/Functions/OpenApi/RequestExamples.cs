using System.Text;
using System.Text.Json.Nodes;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Predictions;
using Inference.Protocols.Text;
using Inference.Tensors;

namespace Functions.OpenApi;

/// <summary>An example of an operation: the model that the request names, and the request's body.</summary>
internal sealed record RequestExample(Model Model, JsonNode? Body);

/// <summary>Finds a request for each operation. A loaded model accepts the request without changes.</summary>
internal sealed class RequestExamples(IReadOnlyList<Model> models)
{
    /// <summary>The maximum number of characters of a warm-up sample that becomes an example.</summary>
    private const int MaxSample = 4096;

    /// <summary>An image of four red pixels as a PNG in base64.</summary>
    private const string Image =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==";

    private const string First = "hello", Second = "world";

    /// <summary>
    /// The functions that create a body, by the name of the request's schema. A function returns null for a model that does not support the
    /// call.
    /// </summary>
    private static readonly Dictionary<string, Func<Model, JsonNode?>> Bodies = new()
    {
        ["PredictRequest"] = Predict,
        ["TextRequest"] = static model => model.Text is null ? null : CreateTaskBody(model, "inputs"),
        ["EmbedRequest"] = static model => Inputs(model, IsEmbedder),
        ["EmbedAllRequest"] = static model => HasOutputOfRank(model, rank: 3) ? Inputs(model, IsEmbedder) : null,
        ["SimilarityRequest"] = static model => !IsEmbedder(model) ? null : new JsonObject
        {
            ["inputs"] = new JsonObject { ["source_sentence"] = First, ["sentences"] = new JsonArray(First, Second) },
        },
        ["RankRequest"] = static model => !IsRanker(model) ? null : new JsonObject
        {
            ["query"] = First,
            ["texts"] = new JsonArray(First, Second),
        },
        ["ClassifyRequest"] = static model => Inputs(model, IsClassifier),
        ["TokenizeRequest"] = static model => Inputs(model, static _ => true),
        ["DecodeRequest"] = static model => model.Text is null ? null : new JsonObject { ["ids"] = new JsonArray(1) },
        ["EmbeddingRequest"] = static model => !IsEmbedder(model) ? null : new JsonObject
        {
            ["model"] = model.Id.Name.Value,
            ["input"] = new JsonArray(First, Second),
        },
        ["RerankRequest"] = static model => !IsRanker(model) ? null : new JsonObject
        {
            ["model"] = model.Id.Name.Value,
            ["query"] = First,
            ["documents"] = new JsonArray(First, Second),
        },
        ["InferRequest"] = static model => Sample(model, isOpenInference: true)
            ?? (TensorExamples.OpenInference(model.Signature) is { } inputs ? new JsonObject { ["inputs"] = inputs } : null),
        ["TensorFlowRequest"] = static model =>
            TensorExamples.Named(model.Signature) is { } inputs ? new JsonObject { ["inputs"] = inputs } : null,
        ["RepositoryRequest"] = static _ => new JsonObject(),
    };

    /// <summary>Returns the example of an operation; null when no loaded model supports the operation.</summary>
    public RequestExample? FindFor(ApiRoute route) => route.IsUnsupported ? null : models
        .Select(model => Create(route, model))
        .FirstOrDefault(static example => example is not null);

    /// <summary>Returns the body of a predict call; null when the body would be too large for an example.</summary>
    public static JsonNode? Predict(Model model) =>
        Sample(model, isOpenInference: false)
            ?? (model.Text is not null ? CreateTaskBody(model, "text")
                : model.Image is not null ? new JsonObject { ["features"] = Image }
                : TensorExamples.Named(model.Signature) is { } inputs ? new JsonObject { ["inputs"] = inputs }
                : null);

    private static RequestExample? Create(ApiRoute route, Model model)
    {
        if (route.Request is null)
            return route.IsTextOperation && model.Text is null ? null : new RequestExample(model, Body: null);
        return Bodies.TryGetValue(route.Request, out var create) && create(model) is { } body ? new RequestExample(model, body) : null;
    }

    /// <summary>
    /// Returns a warm-up sample from the model's settings; null when no sample has the requested format. The model has already run this
    /// sample, at its load.
    /// </summary>
    private static JsonNode? Sample(Model model, bool isOpenInference) => model.Examples
        .Where(sample => sample.Length <= MaxSample && BodyFormat.Detect(Encoding.UTF8.GetBytes(sample)).IsOpenInference == isOpenInference)
        .Select(static sample => JsonNode.Parse(sample))
        .FirstOrDefault();

    private static JsonObject CreateTaskBody(Model model, string member) => model.Task switch
    {
        ModelTask.TextRanking => new JsonObject { [member] = new JsonObject { ["text"] = First, ["text_pair"] = Second } },
        ModelTask.FillMask => new JsonObject { [member] = $"{First} {MaskFiller.GetMaskToken(model)}" },
        ModelTask.ZeroShotClassification => new JsonObject
        {
            [member] = First,
            ["parameters"] = new JsonObject { ["candidate_labels"] = new JsonArray(First, Second) },
        },
        _ => new JsonObject { [member] = First },
    };

    private static JsonObject? Inputs(Model model, Func<Model, bool> suits) =>
        model.Text is not null && suits(model) ? new JsonObject { ["inputs"] = First } : null;

    private static bool IsEmbedder(Model model) =>
        model is { Text: not null, Task: null or ModelTask.FeatureExtraction }
            && (HasOutputOfRank(model, rank: 2) || HasOutputOfRank(model, rank: 3));

    private static bool IsClassifier(Model model) =>
        model is
        {
            Text: not null, Task: ModelTask.TextClassification or ModelTask.TextRanking or ModelTask.ZeroShotClassification,
        };

    private static bool IsRanker(Model model) =>
        model is { Text: not null, Task: { } task } && RankedTexts.IsSupportedBy(task, model);

    /// <summary>Whether the model has an FP32 output of this rank. The server finds embeddings in such outputs.</summary>
    private static bool HasOutputOfRank(Model model, int rank) =>
        model.Signature.Outputs.Any(output => output.Type == ElementType.Float32 && output.Shape.Rank == rank);
}
