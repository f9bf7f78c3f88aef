using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>The model's declaration of an input or output.</summary>
/// <param name="Shape">The shape, with <see cref="Shape.Dynamic"/> for dynamic dimensions.</param>
/// <param name="Symbols">
/// One name per dimension: the model's name of a dynamic dimension; empty if the model has no name, and for fixed dimensions. Dimensions of
/// one name usually have one size in a request, but the name alone does not require equal sizes: ONNX Runtime decides.
/// </param>
public sealed record TensorSpec(string Name, ElementType Type, Shape Shape, ImmutableArray<string> Symbols)
{
    /// <summary>
    /// Whether the model declares no shape, so that any shape fits. Then <see cref="Shape"/> is <c>[]</c> and has no meaning.
    /// </summary>
    public bool AcceptsAnyShape { get; init; }

    /// <summary>The part that this tensor contains of an output that is a map or a list; null for every other tensor.</summary>
    public OutputPart? Part { get; init; }

    /// <summary>Whether every item is a single element, as in a column of a table: <c>[-1,1]</c>.</summary>
    public bool IsColumn => Shape.Rank > 1 && !Shape.Dimensions[1..].ContainsAnyExcept(1L);

    /// <summary>
    /// Returns the shape of a column for the elements of a tensor of rank 0 or 1, as data frames send them: <c>[3]</c> becomes
    /// <c>[3,1]</c>.
    /// </summary>
    internal Shape ToColumnShape(Shape elements) => new([elements.Rank == 0 ? 1 : elements[0], .. Shape.Dimensions[1..]]);

    /// <summary>
    /// The shape for protocols that cannot express "any shape": one dynamic dimension, which most clients of these protocols can send.
    /// </summary>
    public Shape ShapeForProtocols => AcceptsAnyShape ? new Shape(Shape.Dynamic) : Shape;
}
