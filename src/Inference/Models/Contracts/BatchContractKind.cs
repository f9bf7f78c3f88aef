namespace Inference.Models.Contracts;

/// <summary>The source of the permission to join and split the requests of a model.</summary>
public enum BatchContractKind
{
    /// <summary>There is none: every request is one run, as it was sent.</summary>
    None,

    /// <summary>
    /// The model takes one item a run, by its shape: the items of a request are runs of their own, and requests never share one.
    /// </summary>
    SingleItem,

    /// <summary>The owner vouches for it in the model's settings: requests are joined and split.</summary>
    Declared,

    /// <summary>The server has found that the result of an item never depends on the other items: requests are joined and split.</summary>
    Proven,
}
