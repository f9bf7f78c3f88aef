namespace Functions.Predictions;

/// <summary>The format of a route's errors.</summary>
public enum ErrorStyle
{
    /// <summary><c>application/problem+json</c>, RFC 9457.</summary>
    Problem,

    /// <summary><c>{"error":"..."}</c>, as the Open Inference Protocol and TensorFlow Serving have it.</summary>
    Message,

    /// <summary><c>{"error":{"message":"...","type":"...","param":null,"code":null}}</c>, as OpenAI has it.</summary>
    OpenAi,

    /// <summary><c>{"message":"...","detail":"..."}</c>, as Cohere and Jina have it.</summary>
    Rerank,

    /// <summary><c>{"error":"...","error_type":"..."}</c>, as Text Embeddings Inference has it, with its statuses.</summary>
    TextEmbeddings,
}
