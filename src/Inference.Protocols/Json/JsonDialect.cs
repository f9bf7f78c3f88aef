namespace Inference.Protocols.Json;

/// <summary>
/// The JSON forms of elements for which JSON has no type of its own. Requests of both dialects may write NaN and the infinities as strings
/// or as bare words.
/// </summary>
internal enum JsonDialect
{
    /// <summary>Responses write NaN and the infinities as strings. Byte strings are text.</summary>
    Plain,

    /// <summary>
    /// The dialect of TensorFlow Serving (tensorflow_serving/util/json_tensor.cc). Responses write NaN and the infinities as bare words,
    /// and a finite float always with a point or an exponent. Bytes may be <c>{"b64":"..."}</c>.
    /// </summary>
    TensorFlow,
}
