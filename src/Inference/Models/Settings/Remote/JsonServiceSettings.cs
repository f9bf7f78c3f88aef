using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models.Settings.Remote;

/// <summary>The bodies of a JSON service that is nobody's protocol.</summary>
public sealed record JsonServiceSettings
{
    /// <summary>POST or PUT.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>The request without its tensors: a JSON object. What a pointer of an input needs and is not there is added.</summary>
    public string Request { get; init; } = "{}";

    public required ImmutableArray<JsonTensor> Inputs { get; init; }

    public required ImmutableArray<JsonTensor> Outputs { get; init; }
}

/// <summary>A tensor and where its elements stand, nested like its shape.</summary>
/// <param name="Shape">Dimensions of any size are <see cref="Shape.Dynamic"/>; when every tensor begins with one, it counts items.</param>
/// <param name="At">A JSON pointer (RFC 6901) into the request or the answer; empty for the whole of an answer.</param>
public sealed record JsonTensor(string Name, ElementType Type, Shape Shape, string At);
