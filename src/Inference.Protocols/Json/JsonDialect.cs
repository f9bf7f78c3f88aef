namespace Inference.Protocols.Json;

/// <summary>The forms of elements that JSON itself cannot express.</summary>
internal enum JsonDialect
{
    /// <summary>NaN and the infinities are refused when read and strings when written; byte strings are text.</summary>
    Plain,

    /// <summary>
    /// As TensorFlow Serving has it (tensorflow_serving/util/json_tensor.cc): NaN and the infinities are bare words, a float always has a
    /// point or an exponent, and bytes may be <c>{"b64":"..."}</c>.
    /// </summary>
    TensorFlow,
}
