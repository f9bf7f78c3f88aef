using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>What a model says of one of its inputs or outputs.</summary>
/// <param name="Shape">Dynamic dimensions are <see cref="Shape.Dynamic"/>.</param>
/// <param name="Symbols">
/// One a dimension: the model's name of a dynamic dimension, or empty. Dimensions of one name mostly have one size in a request, but the name
/// alone does not ask for it: ONNX Runtime decides.
/// </param>
public sealed record TensorSpec(string Name, ElementType Type, Shape Shape, ImmutableArray<string> Symbols);
