namespace Functions.Tests.Conformance;

/// <summary>What became of a case that the server was sent.</summary>
internal enum ConformanceOutcome
{
    /// <summary>The answer is ONNX Runtime's, bit for bit.</summary>
    Equal,

    /// <summary>
    /// The answer differs from ONNX Runtime's only by rounding: kernels take the ends of a tensor otherwise than the rest, by its address
    /// in memory.
    /// </summary>
    EqualButRounding,

    /// <summary>ONNX Runtime itself answers differently each time; type and shape are its own.</summary>
    EqualInForm,

    /// <summary>The model has outputs that are not tensors. The server answers their parts, which are not compared.</summary>
    InParts,

    /// <summary>
    /// The server refused the model or the request, and so does ONNX Runtime, or the protocol has no form for the values.
    /// </summary>
    RefusedByBoth,

    /// <summary>Only the server refused it.</summary>
    Refused,

    /// <summary>The answers differ, or only the server answered.</summary>
    Different,

    /// <summary>The server's process ended.</summary>
    Crashed,
}

/// <param name="Detail">The reason of a refusal, or the difference.</param>
internal sealed record ConformanceResult(string Case, ConformanceOutcome Outcome, string Detail);
