namespace Inference.Models.Contracts;

/// <summary>The server's verdict: whether the result of an item depends on the other items of its run.</summary>
/// <param name="Kind">The state of the examination.</param>
/// <param name="Layout">The layout of the items in the tensors; null unless the verdict is proven.</param>
/// <param name="Reason">A sentence that says why it is not proven and names the node; null for other kinds.</param>
public sealed record BatchVerdict(BatchVerdictKind Kind, BatchLayout? Layout = null, string? Reason = null)
{
    /// <summary>
    /// Whether an item has the same result when its inputs are padded, so that requests of different lengths share runs.
    /// </summary>
    public bool AllowsPadding { get; init; }

    /// <summary>
    /// A sentence that says why inputs that could be padded are not. Null when they are, and until that is found out.
    /// </summary>
    public string? PaddingObstacle { get; init; }

    /// <summary>Nobody examines the model: another server runs it, or its settings make an examination needless.</summary>
    public static BatchVerdict Unexamined { get; } = new(BatchVerdictKind.Unexamined);

    /// <summary>The examination has not ended.</summary>
    public static BatchVerdict Pending { get; } = new(BatchVerdictKind.Pending);

    /// <summary>The result of an item is its own: by the graph, and by runs that were compared.</summary>
    public static BatchVerdict Proven(BatchLayout layout) => new(BatchVerdictKind.Proven, layout);

    /// <summary>No proof, for the reason given, or a run that contradicts it.</summary>
    public static BatchVerdict NotProven(string reason) => new(BatchVerdictKind.NotProven, Reason: reason);
}

/// <summary>The state of the examination of a model.</summary>
public enum BatchVerdictKind
{
    /// <summary>There is none.</summary>
    Unexamined,

    /// <summary>It has not ended.</summary>
    Pending,

    /// <summary>An item's result never depends on the other items of a run.</summary>
    Proven,

    /// <summary>That is not proven, or wrong.</summary>
    NotProven,
}
