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
    private const int MaxSampleLength = 4096;

    /// <summary>An image of four red pixels as a PNG in base64.</summary>
    private const string Image =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==";

    private const string FirstText = "hello", SecondText = "world";

    /// <summary>
    /// The functions that create a body, by the name of the request's schema. A function returns null for a model that does not support the
    /// call.
    /// </summary>
    private static readonly Dictionary<string, Func<Model, JsonNode?>> BodyFactories = new()
    {
        ["PredictRequest"] = CreatePredictBody,
        ["TextRequest"] = static model => model.Text is null ? null : CreateTaskBody(model, "inputs"),
        ["EmbedRequest"] = static model => CreateInputs(model, IsEmbedder),
        ["EmbedAllRequest"] = static model => HasOutputOfRank(model, rank: 3) ? CreateInputs(model, IsEmbedder) : null,
        ["SimilarityRequest"] = static model => !IsEmbedder(model) ? null : new JsonObject
        {
            ["inputs"] = new JsonObject { ["source_sentence"] = FirstText, ["sentences"] = new JsonArray(FirstText, SecondText) },
        },
        ["RankRequest"] = static model => !IsRanker(model) ? null : new JsonObject
        {
            ["query"] = FirstText,
            ["texts"] = new JsonArray(FirstText, SecondText),
        },
        ["ClassifyRequest"] = static model => CreateInputs(model, IsClassifier),
        ["TokenizeRequest"] = static model => CreateInputs(model, static _ => true),
        ["DecodeRequest"] = static model => model.Text is null ? null : new JsonObject { ["ids"] = new JsonArray(1) },
        ["EmbeddingRequest"] = static model => !IsEmbedder(model) ? null : new JsonObject
        {
            ["model"] = model.Id.Name.Value,
            ["input"] = new JsonArray(FirstText, SecondText),
        },
        ["RerankRequest"] = static model => !IsRanker(model) ? null : new JsonObject
        {
            ["model"] = model.Id.Name.Value,
            ["query"] = FirstText,
            ["documents"] = new JsonArray(FirstText, SecondText),
        },
        ["InferRequest"] = static model => FindSample(model, isOpenInference: true)
            ?? (TensorExamples.CreateOpenInference(model.Signature) is { } inputs ? new JsonObject { ["inputs"] = inputs } : null),
        ["TensorFlowRequest"] = static model =>
            TensorExamples.CreateNamed(model.Signature) is { } inputs ? new JsonObject { ["inputs"] = inputs } : null,
        ["RepositoryRequest"] = static _ => new JsonObject(),
    };

    /// <summary>Returns the example of an operation; null when no loaded model supports the operation.</summary>
    public RequestExample? FindFor(ApiRoute route) => route.IsUnsupported ? null : models
        .Select(model => Create(route, model))
        .FirstOrDefault(static example => example is not null);

    /// <summary>Returns the body of a predict call; null when the body would be too large for an example.</summary>
    public static JsonNode? CreatePredictBody(Model model) =>
        FindSample(model, isOpenInference: false)
            ?? (model.Text is not null ? CreateTaskBody(model, "text")
                : model.Image is not null ? new JsonObject { ["features"] = Image }
                : TensorExamples.CreateNamed(model.Signature) is { } inputs ? new JsonObject { ["inputs"] = inputs }
                : null);

    private static RequestExample? Create(ApiRoute route, Model model)
    {
        if (route.Request is null)
            return route.IsTextOperation && model.Text is null ? null : new RequestExample(model, Body: null);
        return BodyFactories.TryGetValue(route.Request, out var create) && create(model) is { } body
            ? new RequestExample(model, body)
            : null;
    }

    /// <summary>
    /// Returns a warm-up sample from the model's settings; null when no short sample has the requested format. The model ran this sample
    /// when it was loaded.
    /// </summary>
    private static JsonNode? FindSample(Model model, bool isOpenInference) => model.Examples
        .Where(sample => sample.Length <= MaxSampleLength
            && BodyFormat.Detect(Encoding.UTF8.GetBytes(sample)).IsOpenInference == isOpenInference)
        .Select(static sample => JsonNode.Parse(sample))
        .FirstOrDefault();

    private static JsonObject CreateTaskBody(Model model, string member) => model.Task switch
    {
        ModelTask.TextRanking => new JsonObject { [member] = new JsonObject { ["text"] = FirstText, ["text_pair"] = SecondText } },
        ModelTask.FillMask => new JsonObject { [member] = $"{FirstText} {MaskFiller.FindMaskToken(model)}".TrimEnd() },
        ModelTask.ZeroShotClassification => new JsonObject
        {
            [member] = FirstText,
            ["parameters"] = new JsonObject { ["candidate_labels"] = new JsonArray(FirstText, SecondText) },
        },
        _ => new JsonObject { [member] = FirstText },
    };

    private static JsonObject? CreateInputs(Model model, Func<Model, bool> isSupported) =>
        model.Text is not null && isSupported(model) ? new JsonObject { ["inputs"] = FirstText } : null;

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
