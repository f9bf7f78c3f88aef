namespace Inference.Protocols.OpenInference;

/// <summary>
/// The body of an infer call: JSON, and behind it the tensors that the JSON declares as binary data (the binary tensor data
/// extension of the Open Inference Protocol v2).
/// </summary>
/// <param name="Json">Empty for a raw request, whose body is the model's one input and nothing else.</param>
/// <param name="Tensors">Lives as long as the request that is read from it, which has views of it.</param>
public readonly record struct InferBody(ReadOnlyMemory<byte> Json, Memory<byte> Tensors)
{
    /// <summary>The forms of the tensors in the response. Known after the body was read.</summary>
    public OutputForms Outputs { get; } = new();
}
