using System.Collections.Immutable;

namespace Inference.Onnx.Proof;

/// <summary>
/// The axis of a tensor along which the items lie. The axis has the size <c>Outer * items * Inner</c>, in row-major order. For example,
/// <c>Inner</c> is 5 for <c>[items * 5, 8]</c>, reshaped from <c>[items, 5, 8]</c>. <c>Outer</c> is 2 for <c>[2 * items, 8]</c>, reshaped
/// from <c>[2, items, 8]</c>.
/// </summary>
/// <param name="Outer">
/// The number of groups that each contain a part of every item. A reshape creates groups when it merges a preceding axis into the axis of
/// the items.
/// </param>
/// <param name="Inner">
/// The number of rows of each item in a group. A reshape creates several rows when it merges a following axis into the axis of the items.
/// </param>
internal readonly record struct ItemPosition(int Axis, Extent Outer, Extent Inner)
{
    /// <summary>Whether each position on the axis is one item.</summary>
    public bool IsPlain => Outer.IsOne && Inner.IsOne;

    /// <summary>The size of the axis.</summary>
    public Extent Size =>
        Extent.Product([Outer, Extent.Items, Inner]) ?? throw new NotProvenException("a size is too large for the proof");
}

/// <summary>
/// The facts about a value in the graph that are known without a run. A value is of one of four kinds.
/// <list type="bullet">
/// <item>A shared value is equal in all runs with the same shared inputs and sizes. An example is a weight.</item>
/// <item>A value with items contains the items on one axis. Slice <c>i</c> equals the value in a run of item <c>i</c> alone.</item>
/// <item>A value that counts items has elements that are multiples of the number of items, such as the shape <c>[items, 4]</c>.</item>
/// <item>Nothing is known about a failed value. <see cref="Failure"/> has the reason.</item>
/// </list>
/// </summary>
internal sealed record ProofValue
{
    /// <summary>A shared value of unknown shape.</summary>
    public static ProofValue SharedOfAnyShape { get; } = new();

    /// <summary>The dimensions; null for a shared value of unknown rank.</summary>
    public ImmutableArray<Extent>? Dimensions { get; init; }

    /// <summary>The position of the items; null for a value without items.</summary>
    public ItemPosition? Items { get; init; }

    /// <summary>
    /// The elements of an integer tensor with constant dimensions and few elements, in row-major order; null when they are not known.
    /// </summary>
    public ImmutableArray<Extent>? Elements { get; init; }

    /// <summary>The elements of a short constant of floats; null for any other value.</summary>
    public ImmutableArray<float>? Floats { get; init; }

    /// <summary>The reason why nothing is known about the value; null when facts are known.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether an element is a multiple of the number of items, as in the shape <c>[items, 4]</c>.</summary>
    public bool CountsItems => Elements is { } elements && elements.Any(static element => element.HasItems);

    /// <summary>Whether the value is the same for all items and for any number of items.</summary>
    public bool IsShared => Failure is null && Items is null && !CountsItems;

    /// <summary>The dimensions.</summary>
    /// <exception cref="NotProvenException">The rank is not known.</exception>
    public ImmutableArray<Extent> Shape => Dimensions ?? throw new NotProvenException("the rank of an input is not known");

    public int Rank => Shape.Length;

    /// <summary>Creates a value about which nothing is known.</summary>
    public static ProofValue Failed(string reason) => new() { Failure = reason };

    /// <summary>Creates a shared value whose elements are not known.</summary>
    public static ProofValue Shared(IEnumerable<Extent> dimensions) => new() { Dimensions = [.. dimensions] };

    /// <summary>Creates an integer tensor of rank 0 or 1.</summary>
    /// <param name="isScalar">Whether the tensor has rank 0, and therefore one element.</param>
    public static ProofValue FromIntegers(ImmutableArray<Extent> elements, bool isScalar = false) =>
        new() { Dimensions = isScalar ? [] : [Extent.FromConstant(elements.Length)], Elements = elements };

    /// <summary>Creates an integer tensor from its elements and its dimensions.</summary>
    public static ProofValue FromIntegers(ImmutableArray<Extent> elements, IEnumerable<int> dimensions) =>
        new() { Dimensions = [.. dimensions.Select(static size => Extent.FromConstant(size))], Elements = elements };

    /// <summary>Creates a value of a shape.</summary>
    /// <param name="items">The position of the items; null for a shared value.</param>
    public static ProofValue Create(IEnumerable<Extent> dimensions, ItemPosition? items) =>
        new() { Dimensions = [.. dimensions], Items = items };

    /// <summary>Returns the size of an axis.</summary>
    /// <exception cref="NotProvenException">The value has no such axis, or its rank is not known.</exception>
    public Extent Dimension(int axis) =>
        axis < Rank ? Shape[axis] : throw new NotProvenException($"an input has the rank {Rank}, which is too small");

    /// <summary>Returns the same value without its elements.</summary>
    public ProofValue WithoutElements() => this with { Elements = null, Floats = null };
}

/// <summary>
/// The exception of a rule that cannot determine the effect of a node on the items. Its message follows the description of the node, as in
/// <c>Softmax: it computes over the items</c>.
/// </summary>
internal sealed class NotProvenException(string reason) : Exception(reason);
