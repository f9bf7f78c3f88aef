namespace Functions.OpenApi;

/// <summary>One operation of the API: a call, as OpenAPI describes it.</summary>
/// <param name="Id">The id of the operation. Generated clients name their methods after the id, so the id never changes.</param>
/// <param name="Method">The HTTP method in lower case.</param>
/// <param name="Path">The route, which begins with a slash.</param>
/// <param name="Request">The name of the request body's schema; null for a call without a body.</param>
/// <param name="Response">
/// The name of the schema of a successful response (200, or 202 for a job) in JSON, or the media type of any other response. Null for a
/// response without a body.
/// </param>
internal sealed record ApiRoute(string Id, string Method, string Path, string Tag, string Summary, string? Request, string? Response)
{
    private const string Html = "text/html", Script = "text/javascript", PlainText = "text/plain";

    private const string TextTag = "Text Embeddings Inference";
    private const string PredictSchema = "PredictRequest";
    private const string PredictionSchema = "PredictResponse";

    /// <summary>All operations. A test compares them with the functions.</summary>
    public static readonly ApiRoute[] All =
    [
        new("listModels", "get", "/models", "Models", "The models that this server serves", null, "Models"),
        new("getModel", "get", "/models/{model}", "Models", "Versions, states, warnings and signature of a model; loads it", null, "Model")
        {
            Parameters =
            [
                new("query", "version", "The number or label of a version; by default the version that serves requests without a version",
                    """{"type":"string"}"""),
            ],
        },
        new("predict", "post", "/models/{model}/predict", "Predict", "A prediction by the version that serves requests without a version",
            PredictSchema, PredictionSchema),
        new("predictByVersion", "post", "/models/{model}/versions/{version}/predict", "Predict", "A prediction by one version",
            PredictSchema, PredictionSchema),
        new("submitJob", "post", "/models/{model}/jobs", "Jobs", "A prediction as a job",
            PredictSchema, "Job") { Parameters = [IdempotencyKey] },
        new("submitJobByVersion", "post", "/models/{model}/versions/{version}/jobs", "Jobs", "A prediction by one version as a job",
            PredictSchema, "Job") { Parameters = [IdempotencyKey] },
        new("listJobs", "get", "/jobs", "Jobs", "A page of the jobs, the most recently changed first", null, "Jobs")
        {
            Parameters =
            [
                new("query", "limit", "The number of jobs of the page", """{"type":"integer","minimum":1,"maximum":100,"default":25}"""),
                new("query", "continuation", "The \"continuation\" of the previous page; none for the first page", """{"type":"string"}"""),
            ],
        },
        new("getJob", "get", "/jobs/{id}", "Jobs", "The state of a job", null, "Job"),
        new("cancelJob", "delete", "/jobs/{id}", "Jobs", "Cancels a job", null, "Job"),
        new("getJobResult", "get", "/jobs/{id}/result", "Jobs", "The result of a job", null, PredictionSchema),
        new("createEmbeddings", "post", "/v1/embeddings", "Embeddings", "Embeddings in OpenAI's form", "EmbeddingRequest",
            "EmbeddingResponse"),
        new("rerank", "post", "/v1/rerank", "Rerank", "Documents in the order of their relevance, in Jina's form", "RerankRequest",
            "RerankResponse"),
        new("rerankV2", "post", "/v2/rerank", "Rerank", "Documents in the order of their relevance, in Cohere's form", "RerankRequest",
            "RerankResponse"),
        .. TextEmbeddings("/models/{model}"),
        new("listOpenAiModels", "get", "/v1/models", "Embeddings", "The models in OpenAI's form", null, "OpenAiModels"),
        .. TensorFlow("/v1/models/{model}", ""),
        .. TensorFlow("/v1/models/{model}/versions/{version}", "ByVersion"),
        .. TensorFlow("/v1/models/{model}/labels/{label}", "ByLabel"),
        new("getServerMetadata", "get", "/v2", "Open Inference", "Name, version and extensions of the server", null, "ServerMetadata"),
        new("getStatistics", "get", "/v2/models/stats", "Open Inference", "Requests, times and batches of all models so far", null,
            "ModelStatistics"),
        .. OpenInference("/v2/models/{model}", ""),
        .. OpenInference("/v2/models/{model}/versions/{version}", "ByVersion"),
        new("isLiveV2", "get", "/v2/health/live", "Health", "Whether the server process is running", null, "Live"),
        new("isReadyV2", "get", "/v2/health/ready", "Health", "Whether the server accepts requests", null, "Ready"),
        new("listRepository", "post", "/v2/repository/index", "Repository", "Versions and their states", "RepositoryIndexRequest",
            "RepositoryIndex"),
        new("loadModel", "post", "/v2/repository/models/{model}/load", "Repository", "Loads the current files of the store",
            "RepositoryRequest", null),
        new("unloadModel", "post", "/v2/repository/models/{model}/unload", "Repository", "Unloads the model and frees its memory",
            "RepositoryRequest", null),
        new("isLive", "get", "/health/live", "Health", "Whether the server process is running", null, "Live"),
        new("isReady", "get", "/health/ready", "Health", "Whether the server accepts requests", null, "Ready"),
        new("getPage", "get", "/play", "Page", "The web page for models, jobs and operations", null, Html),
        new("getPageFile", "get", "/play/{file}", "Page", "A script, style or image of the page", null, Script)
        {
            FileExample = "app.js",
            OtherResponseTypes = ["text/css", "image/svg+xml"],
        },
        new("getPageWidget", "get", "/play/widgets/{file}", "Page", "A widget of the page", null, Script) { FileExample = "text.js" },
        new("getStatus", "get", "/status", "Status", "Build, models, slots, memory, errors and settings", null, "Status"),
        new("getMetrics", "get", "/metrics", "Status", "Metrics in Prometheus's text format; not behind a Functions host", null, PlainText),
        new("getOpenApi", "get", "/openapi.json", "OpenAPI", "This document", null, "OpenApiDocument"),
    ];

    /// <summary>The parameters in the query and in headers.</summary>
    public ApiParameter[] Parameters { get; init; } = [];

    /// <summary>An example of the path's <c>{file}</c>.</summary>
    public string? FileExample { get; init; }

    /// <summary>The media type of the response; the most frequent type if a call has several.</summary>
    public string ResponseType => Response is Html or Script or PlainText ? Response : "application/json";

    /// <summary>The other media types of a call whose responses have several types.</summary>
    public string[] OtherResponseTypes { get; init; } = [];

    /// <summary>Whether only models that accept texts support the operation.</summary>
    public bool IsTextOperation => Tag == TextTag;

    /// <summary>Whether no model supports the operation. Such an operation returns only errors.</summary>
    public bool IsUnsupported { get; init; }

    /// <summary>Whether a call may omit the body.</summary>
    public bool IsBodyOptional => Tag == "Repository";

    /// <summary>The media type and the schema of the operation's errors.</summary>
    public (string Type, string Schema) Error => Tag switch
    {
        TextTag => ("application/json", "TextError"),
        "Rerank" => ("application/json", "RerankError"),
        _ => Path.StartsWith("/v", StringComparison.Ordinal) ? ("application/json", "Error") : ("application/problem+json", "Problem"),
    };

    private static ApiParameter IdempotencyKey => new(
        "header", "Idempotency-Key", "The job's id. A repeated call with this id returns the same job",
        """{"type":"string","maxLength":128}""");

    private static ApiRoute[] TextEmbeddings(string model) =>
    [
        new("runTask", "post", model, TextTag, "Runs the model's task, in the form of Hugging Face's clients", "TextRequest",
            "TextResponse"),
        new("embed", "post", $"{model}/embed", TextTag, "An embedding of each text", "EmbedRequest", "EmbedResponse"),
        new("embedAll", "post", $"{model}/embed_all", TextTag, "The vectors of the tokens of each text", "EmbedAllRequest",
            "EmbedAllResponse"),
        new("embedSparse", "post", $"{model}/embed_sparse", TextTag, "Sparse embeddings, which no supported model returns",
            "EmbedAllRequest", null)
        {
            IsUnsupported = true,
        },
        new("compareTexts", "post", $"{model}/similarity", TextTag, "The similarity of sentences to a source sentence", "SimilarityRequest",
            "SimilarityResponse"),
        new("rankTexts", "post", $"{model}/rerank", TextTag, "Texts in the order of their relevance", "RankRequest", "RankResponse"),
        new("classifyTexts", "post", $"{model}/classify", TextTag, "The scores of all labels", "ClassifyRequest", "ClassifyResponse"),
        new("tokenize", "post", $"{model}/tokenize", TextTag, "The tokens of each text", "TokenizeRequest", "TokenizeResponse"),
        new("decode", "post", $"{model}/decode", TextTag, "The text of tokens", "DecodeRequest", "DecodeResponse"),
        new("getTextInfo", "get", $"{model}/info", TextTag, "The task of the model and the limits of requests", null, "Info"),
    ];

    private static ApiRoute[] TensorFlow(string model, string suffix) =>
    [
        new($"getTensorFlowStatus{suffix}", "get", model, "TensorFlow Serving", "The states of the versions; loads the requested version",
            null, "TensorFlowStatus"),
        new($"getTensorFlowMetadata{suffix}", "get", $"{model}/metadata", "TensorFlow Serving", "Inputs and outputs", null,
            "TensorFlowMetadata"),
        new($"predictTensorFlow{suffix}", "post", $"{model}:predict", "TensorFlow Serving", "A prediction, by rows or columns",
            "TensorFlowRequest", "TensorFlowPrediction"),
    ];

    private static ApiRoute[] OpenInference(string model, string suffix) =>
    [
        new($"getModelMetadata{suffix}", "get", model, "Open Inference", "Inputs and outputs", null, "ModelMetadata"),
        new($"isModelReady{suffix}", "get", $"{model}/ready", "Open Inference", "Whether the model can run predictions; loads it", null,
            "ModelReady"),
        new($"getModelStatistics{suffix}", "get", $"{model}/stats", "Open Inference", "Requests, times and batches so far",
            null, "ModelStatistics"),
        new($"getModelConfig{suffix}", "get", $"{model}/config", "Open Inference", "How the model is served, in Triton's form", null,
            "ModelConfig"),
        new($"infer{suffix}", "post", $"{model}/infer", "Open Inference", "A prediction", "InferRequest", "InferResponse"),
    ];
}
