namespace Functions.Http;

/// <summary>How a route tells its errors.</summary>
public enum ErrorStyle
{
    /// <summary><c>application/problem+json</c>, RFC 9457.</summary>
    Problem,

    /// <summary><c>{"error":"..."}</c>, as the Open Inference Protocol and TensorFlow Serving have it.</summary>
    Message,
}
