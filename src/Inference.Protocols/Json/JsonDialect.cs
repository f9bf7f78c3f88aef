namespace Inference.Protocols.Json;

/// <summary>The JSON forms of elements that JSON itself cannot express.</summary>
internal enum JsonDialect
{
    /// <summary>NaN and the infinities are refused in requests, and are strings in responses. Byte strings are text.</summary>
    Plain,

    /// <summary>
    /// The dialect of TensorFlow Serving (tensorflow_serving/util/json_tensor.cc). NaN and the infinities are bare words, a float always
    /// has a point or an exponent, and bytes may be <c>{"b64":"..."}</c>.
    /// </summary>
    TensorFlow,
}
