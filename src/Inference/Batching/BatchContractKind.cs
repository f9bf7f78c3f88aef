namespace Inference.Batching;

/// <summary>Where the permission to join and split the requests of a model comes from.</summary>
public enum BatchContractKind
{
    /// <summary>There is none: every request is one run, as it was sent.</summary>
    None,

    /// <summary>The model's shape: it takes one item a run, so the items of a request are runs of their own. Requests never share a run.</summary>
    SingleItem,

    /// <summary>The owner vouches for it in the model's settings: requests are joined and split.</summary>
    Declared,
}
