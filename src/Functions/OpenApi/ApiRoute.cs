namespace Functions.OpenApi;

/// <summary>One call of the API as OpenAPI describes it.</summary>
/// <param name="Method">In lower case.</param>
/// <param name="Path">Its route with a slash before it.</param>
/// <param name="Request">The name of the schema of its body; null without one.</param>
/// <param name="Response">The name of the schema of its 200 (202 of a job); null for any JSON.</param>
internal sealed record ApiRoute(string Method, string Path, string Tag, string Summary, string? Request, string? Response)
{
    private const string Json = "Json";
    private const string TextTag = "Text Embeddings Inference";
    private const string Predict = "PredictRequest";
    private const string Prediction = "Prediction";

    /// <summary>All of them; a test holds them against the functions.</summary>
    public static readonly ApiRoute[] All =
    [
        new("get", "/models", "Models", "What models there are", null, "Models"),
        new("get", "/models/{model}", "Models", "Versions, states, warnings and signature of a model; loads it", null, "Model"),
        new("post", "/models/{model}/predict", "Predict", "A prediction by the version that answers for the model", Predict, Prediction),
        new("post", "/models/{model}/versions/{version}/predict", "Predict", "A prediction by one version", Predict, Prediction),
        new("post", "/models/{model}/jobs", "Jobs", "A prediction as a job", Predict, "Job"),
        new("post", "/models/{model}/versions/{version}/jobs", "Jobs", "A prediction by one version as a job", Predict, "Job"),
        new("get", "/jobs", "Jobs", "A page of the jobs, those that changed last first", null, "Jobs"),
        new("get", "/jobs/{id}", "Jobs", "The state of a job", null, "Job"),
        new("delete", "/jobs/{id}", "Jobs", "Cancels a job", null, "Job"),
        new("get", "/jobs/{id}/result", "Jobs", "The result of a job", null, Json),
        new("post", "/v1/embeddings", "Embeddings", "Embeddings in OpenAI's form", "EmbeddingRequest", Json),
        new("post", "/v1/rerank", "Rerank", "Documents in the order of their relevance, in Jina's form", "RerankRequest", "RerankResponse"),
        new("post", "/v2/rerank", "Rerank", "Documents in the order of their relevance, in Cohere's form", "RerankRequest",
            "RerankResponse"),
        .. TextEmbeddings("/models/{model}"),
        new("get", "/v1/models", "Embeddings", "The models in OpenAI's form", null, Json),
        .. TensorFlow("/v1/models/{model}"),
        .. TensorFlow("/v1/models/{model}/versions/{version}"),
        .. TensorFlow("/v1/models/{model}/labels/{label}"),
        new("get", "/v2", "Open Inference", "Name, version and extensions of the server", null, Json),
        .. OpenInference("/v2/models/{model}"),
        .. OpenInference("/v2/models/{model}/versions/{version}"),
        new("get", "/v2/health/live", "Health", "Whether the server lives", null, Json),
        new("get", "/v2/health/ready", "Health", "Whether requests are taken", null, Json),
        new("post", "/v2/repository/index", "Repository", "Versions and their states", null, Json),
        new("post", "/v2/repository/models/{model}/load", "Repository", "Takes what the store has now", null, null),
        new("post", "/v2/repository/models/{model}/unload", "Repository", "Gives the model's memory back", null, null),
        new("get", "/health/live", "Health", "Whether the server lives", null, Json),
        new("get", "/health/ready", "Health", "Whether requests are taken", null, Json),
        new("get", "/play", "Page", "The page for people", null, null),
        new("get", "/play/{file}", "Page", "A file of the page", null, null),
        new("get", "/status", "Status", "Build, models, slots, memory and settings", null, Json),
        new("get", "/openapi.json", "OpenAPI", "This document", null, Json),
    ];

    /// <summary>The media type and the schema of its errors.</summary>
    public (string Type, string Schema) Error => Tag switch
    {
        TextTag => ("application/json", "TextError"),
        "Rerank" => ("application/json", "RerankError"),
        _ => Path.StartsWith("/v", StringComparison.Ordinal) ? ("application/json", "Error") : ("application/problem+json", "Problem"),
    };

    private static ApiRoute[] TextEmbeddings(string model) =>
    [
        new("post", model, TextTag, "What the model's task is, as Hugging Face's clients call it", "TextRequest", null),
        new("post", $"{model}/embed", TextTag, "An embedding of each text", "EmbedRequest", "EmbedResponse"),
        new("post", $"{model}/embed_all", TextTag, "The vectors of the tokens of each text", "EmbedAllRequest", "EmbedAllResponse"),
        new("post", $"{model}/embed_sparse", TextTag, "Sparse embeddings, which no model gives", "EmbedAllRequest", null),
        new("post", $"{model}/similarity", TextTag, "The similarity of sentences to one", "SimilarityRequest", "SimilarityResponse"),
        new("post", $"{model}/rerank", TextTag, "Texts in the order of their relevance", "RankRequest", "RankResponse"),
        new("post", $"{model}/classify", TextTag, "The scores of all labels", "ClassifyRequest", "ClassifyResponse"),
        new("post", $"{model}/tokenize", TextTag, "The tokens of each text", "TokenizeRequest", "TokenizeResponse"),
        new("post", $"{model}/decode", TextTag, "The text of tokens", "DecodeRequest", "DecodeResponse"),
        new("get", $"{model}/info", TextTag, "What the model does, and the limits of requests", null, "Info"),
    ];

    private static ApiRoute[] TensorFlow(string model) =>
    [
        new("get", model, "TensorFlow Serving", "States; loads what is asked for", null, Json),
        new("get", $"{model}/metadata", "TensorFlow Serving", "Inputs and outputs", null, Json),
        new("post", $"{model}:predict", "TensorFlow Serving", "A prediction, by rows or columns", "TensorFlowRequest", Json),
    ];

    private static ApiRoute[] OpenInference(string model) =>
    [
        new("get", model, "Open Inference", "Inputs and outputs", null, Json),
        new("get", $"{model}/ready", "Open Inference", "Whether the model answers; loads it", null, Json),
        new("get", $"{model}/stats", "Open Inference", "Requests, times and batches so far, in Triton's form", null, Json),
        new("get", $"{model}/config", "Open Inference", "How the model is served, in Triton's form", null, Json),
        new("post", $"{model}/infer", "Open Inference", "A prediction", "InferRequest", Json),
    ];
}
