using System.Collections.Immutable;

namespace Inference.Onnx.Proof;

/// <summary>Where the items lie in a tensor: on an axis of size <c>Outer * items * Inner</c>, in row-major order.</summary>
/// <param name="Outer">
/// The number of groups that hold a part of every item, as after the merge of a sequence axis with the items behind it.
/// </param>
/// <param name="Inner">
/// The number of rows that an item has in each group, as after the merge of the items with a sequence axis behind them.
/// </param>
internal readonly record struct ItemPlace(int Axis, Extent Outer, Extent Inner)
{
    public bool IsPlain => Outer.IsOne && Inner.IsOne;

    /// <summary>The size of the axis.</summary>
    public Extent Size =>
        Extent.Product([Outer, Extent.Items, Inner]) ?? throw new NotProvenException("a size is too large to be followed");
}

/// <summary>
/// What is known of a value in the graph without running it. Either it is shared: the same in every run with the same shared inputs and
/// sizes. Or it has items: slice <c>i</c> is what a run of item <c>i</c> alone would have. Or it counts items: its elements are products
/// with the number of items. Or nothing is known, for a reason.
/// </summary>
internal sealed record ProofValue
{
    /// <summary>A shared value of unknown shape.</summary>
    public static ProofValue SharedOfAnyShape { get; } = new();

    /// <summary>Null for a shared value of unknown rank.</summary>
    public ImmutableArray<Extent>? Dimensions { get; init; }

    /// <summary>Null for a value without items.</summary>
    public ItemPlace? Items { get; init; }

    /// <summary>
    /// The elements of a short integer tensor in row-major order; null when they are not known. Its dimensions are constants.
    /// </summary>
    public ImmutableArray<Extent>? Elements { get; init; }

    /// <summary>The elements of a short constant of floats; null for others.</summary>
    public ImmutableArray<float>? Floats { get; init; }

    /// <summary>Why nothing is known; null when something is.</summary>
    public string? Failure { get; init; }

    public bool CountsItems => Elements is { } elements && elements.Any(static element => element.HasItems);

    public bool IsShared => Failure is null && Items is null && !CountsItems;

    public ImmutableArray<Extent> Shape => Dimensions ?? throw new NotProvenException("the rank of an input is not known");

    public int Rank => Shape.Length;

    public static ProofValue Failed(string reason) => new() { Failure = reason };

    public static ProofValue Shared(IEnumerable<Extent> dimensions) => new() { Dimensions = [.. dimensions] };

    /// <summary>An integer tensor of rank 0 or 1.</summary>
    public static ProofValue OfIntegers(ImmutableArray<Extent> elements, bool isScalar = false) =>
        new() { Dimensions = isScalar ? [] : [Extent.Of(elements.Length)], Elements = elements };

    /// <summary>An integer tensor of any shape.</summary>
    public static ProofValue OfIntegers(ImmutableArray<Extent> elements, IEnumerable<int> dimensions) =>
        new() { Dimensions = [.. dimensions.Select(static size => Extent.Of(size))], Elements = elements };

    /// <summary>A value of the shape given, whose items, if it has any, lie at the place given.</summary>
    public static ProofValue Of(IEnumerable<Extent> dimensions, ItemPlace? items) => new() { Dimensions = [.. dimensions], Items = items };

    public Extent Dimension(int axis) =>
        axis < Rank ? Shape[axis] : throw new NotProvenException($"an input has the rank {Rank}, which is too small");

    /// <summary>The same value without what is known of its elements.</summary>
    public ProofValue WithoutElements() => this with { Elements = null, Floats = null };
}

/// <summary>Ends a rule that cannot say what a node does to the items.</summary>
internal sealed class NotProvenException(string reason) : Exception(reason);
