namespace Functions.Predictions;

/// <summary>The format of a route's errors.</summary>
public enum ErrorStyle
{
    /// <summary><c>application/problem+json</c>, RFC 9457.</summary>
    Problem,

    /// <summary><c>{"error":"..."}</c>, the format of the Open Inference Protocol and TensorFlow Serving.</summary>
    Message,

    /// <summary><c>{"error":{"message":"...","type":"...","param":null,"code":null}}</c>, the format of OpenAI.</summary>
    OpenAi,

    /// <summary><c>{"message":"...","detail":"..."}</c>, the format of Cohere and Jina.</summary>
    Rerank,

    /// <summary>
    /// <c>{"error":"...","error_type":"..."}</c>, the format of Text Embeddings Inference, with the HTTP statuses of that server.
    /// </summary>
    TextEmbeddings,
}
