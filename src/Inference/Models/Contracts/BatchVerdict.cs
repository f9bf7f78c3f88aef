namespace Inference.Models.Contracts;

/// <summary>The server's verdict: whether the result of an item depends on the other items of its run.</summary>
/// <param name="Kind">The state of the examination.</param>
/// <param name="Layout">The layout of the items in the tensors; null unless the verdict is proven.</param>
/// <param name="Reason">A sentence that says why independence is not proven and names the node of the graph; null for other kinds.</param>
public sealed record BatchVerdict(BatchVerdictKind Kind, BatchLayout? Layout = null, string? Reason = null)
{
    /// <summary>
    /// Whether an item has the same result when its inputs are padded, so that requests of different lengths share runs.
    /// </summary>
    public bool AllowsPadding { get; init; }

    /// <summary>
    /// A sentence that says why inputs are not padded although their shapes would allow it. Null when inputs are padded, and before the
    /// verdict.
    /// </summary>
    public string? PaddingObstacle { get; init; }

    /// <summary>The model is not examined: another server runs it, or its settings make an examination unnecessary.</summary>
    public static BatchVerdict Unexamined { get; } = new(BatchVerdictKind.Unexamined);

    /// <summary>The examination has not ended.</summary>
    public static BatchVerdict Pending { get; } = new(BatchVerdictKind.Pending);

    /// <summary>
    /// Creates the verdict that an item's result depends on no other item. The analysis of the graph and the comparison of runs have shown
    /// the independence.
    /// </summary>
    public static BatchVerdict Proven(BatchLayout layout) => new(BatchVerdictKind.Proven, layout);

    /// <summary>Creates the verdict that independence is not proven, or was disproved by a run.</summary>
    public static BatchVerdict NotProven(string reason) => new(BatchVerdictKind.NotProven, Reason: reason);
}

/// <summary>The state of the examination of a model.</summary>
public enum BatchVerdictKind
{
    /// <summary>There is no examination.</summary>
    Unexamined,

    /// <summary>The examination has not ended.</summary>
    Pending,

    /// <summary>An item's result never depends on the other items of a run.</summary>
    Proven,

    /// <summary>Independence is not proven, or it was disproved.</summary>
    NotProven,
}
