namespace Inference.Protocols.OpenInference;

/// <summary>
/// The body of an infer call: JSON, followed by the tensors that the JSON declares as binary data (the binary tensor data extension of the
/// Open Inference Protocol v2).
/// </summary>
/// <param name="Json">Empty for a raw request, whose body is only the model's one input.</param>
/// <param name="Tensors">The binary data. The request has views of the data, which must stay valid until the request is disposed.</param>
public readonly record struct InferBody(ReadOnlyMemory<byte> Json, Memory<byte> Tensors)
{
    /// <summary>The form of each output in the response. The reader of the body sets the forms.</summary>
    public OutputForms Outputs { get; } = new();
}
