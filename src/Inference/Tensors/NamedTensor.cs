namespace Inference.Tensors;

/// <summary>A tensor with the name of the input or output it is for.</summary>
public readonly record struct NamedTensor(string Name, Tensor Tensor);
