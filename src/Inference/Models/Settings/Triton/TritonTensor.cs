using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models.Settings.Triton;

/// <summary>What a <c>config.pbtxt</c> says of an input or output.</summary>
/// <param name="Type">Null when it says nothing.</param>
/// <param name="Dims">
/// The dimensions the model's own tensor has, without the batch where <c>max_batch_size</c> is above 0: those of <c>reshape</c>
/// where it is there. <see cref="Shape.Dynamic"/> is any size. Null when it says nothing.
/// </param>
/// <param name="Line">Where the file says it.</param>
/// <param name="Column">Where the file says it.</param>
public sealed record TritonTensor(string Name, ElementType? Type, ImmutableArray<long>? Dims, int Line, int Column);
