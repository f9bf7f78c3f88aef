using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models.Settings.Remote;

/// <summary>The request and response of a JSON service without a standard protocol.</summary>
public sealed record JsonServiceSettings
{
    /// <summary>The HTTP method: POST or PUT.</summary>
    /// <value>Default: POST.</value>
    public string Method { get; init; } = "POST";

    /// <summary>
    /// The request without its tensors: a JSON object. If this object lacks objects on the path of an input's pointer, each call adds them.
    /// </summary>
    /// <value>Default: an empty object.</value>
    public string Request { get; init; } = "{}";

    /// <summary>The inputs, with their positions in the request.</summary>
    public required ImmutableArray<JsonTensor> Inputs { get; init; }

    /// <summary>The outputs, with their positions in the response.</summary>
    public required ImmutableArray<JsonTensor> Outputs { get; init; }
}

/// <summary>A tensor, and the position of its elements in the JSON. The elements are a nested array with one level per dimension.</summary>
/// <param name="Shape">
/// The shape, with <see cref="Shape.Dynamic"/> for dynamic dimensions. If the first dimension of every input and output is dynamic, the
/// size of each first dimension is the number of items in the batch.
/// </param>
/// <param name="At">A JSON pointer (RFC 6901) into the request or the response; empty for the whole response.</param>
public sealed record JsonTensor(string Name, ElementType Type, Shape Shape, string At);
