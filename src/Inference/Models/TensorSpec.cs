using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>The declaration of an input or output by its model.</summary>
/// <param name="Shape">Dynamic dimensions are <see cref="Shape.Dynamic"/>.</param>
/// <param name="Symbols">
/// One a dimension: the model's name of a dynamic dimension, or empty. Dimensions of one name mostly have one size in a request, but the
/// name alone does not ask for it: ONNX Runtime decides.
/// </param>
public sealed record TensorSpec(string Name, ElementType Type, Shape Shape, ImmutableArray<string> Symbols)
{
    /// <summary>Whether the model declares no shape, so that any fits. <see cref="Shape"/> is <c>[]</c> then and says nothing.</summary>
    public bool AnyShape { get; init; }

    /// <summary>The part of an output that is not a tensor, such as a map; null for every other tensor.</summary>
    public OutputPart? Part { get; init; }

    /// <summary>Whether every item is one element and has dimensions all the same, as a column of a table: <c>[-1,1]</c>.</summary>
    public bool IsColumn => Shape.Rank > 1 && !Shape.Dimensions[1..].ContainsAnyExcept(1L);

    /// <summary>The shape of a column with the elements of a tensor of rank 0 or 1, as data frames send them.</summary>
    internal Shape ColumnOf(Shape elements) => new([elements.Rank == 0 ? 1 : elements[0], .. Shape.Dimensions[1..]]);

    /// <summary>For protocols that cannot say that any shape fits: one dynamic dimension, which most of their clients can send.</summary>
    public Shape ShapeForProtocols => AnyShape ? new Shape(Shape.Dynamic) : Shape;
}
