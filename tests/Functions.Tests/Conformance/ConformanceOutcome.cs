namespace Functions.Tests.Conformance;

/// <summary>The outcome of a test case.</summary>
internal enum ConformanceOutcome
{
    /// <summary>The response equals ONNX Runtime's output, bit for bit.</summary>
    Equal,

    /// <summary>
    /// The response differs from ONNX Runtime's output only by rounding. A kernel computes most of a tensor with vector instructions and
    /// its ends without them. The tensor's memory address decides where the ends begin, and the two ways round differently.
    /// </summary>
    EqualButRounding,

    /// <summary>The response has ONNX Runtime's type and shape. The values differ in each run of ONNX Runtime.</summary>
    EqualTypeAndShape,

    /// <summary>The model has outputs that are not tensors. The server returns their parts, which are not compared.</summary>
    InParts,

    /// <summary>
    /// The server refused the model or the request. ONNX Runtime refuses it too, or the protocol has no format for the values.
    /// </summary>
    RefusedByBoth,

    /// <summary>Only the server refused the model or the request.</summary>
    Refused,

    /// <summary>The outputs differ, or only ONNX Runtime refused the model or the request.</summary>
    Different,

    /// <summary>The server's process ended.</summary>
    Crashed,
}

/// <param name="Detail">The reason of a refusal, or the difference.</param>
internal sealed record ConformanceResult(string Case, ConformanceOutcome Outcome, string Detail);
