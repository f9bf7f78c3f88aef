namespace Inference.Protocols.OpenInference;

/// <summary>
/// The body of an infer call: JSON, followed by the tensors that the JSON declares as binary data (the binary tensor data extension of the
/// Open Inference Protocol v2).
/// </summary>
/// <param name="Json">Empty for a raw request, whose body is only the model's one input.</param>
/// <param name="Tensors">The binary data. It must stay valid as long as the request that is read from it, which has views of it.</param>
public readonly record struct InferBody(ReadOnlyMemory<byte> Json, Memory<byte> Tensors)
{
    /// <summary>The forms of the tensors in the response. They are known after the body was read.</summary>
    public OutputForms Outputs { get; } = new();
}
