namespace Inference.Models.Contracts;

/// <summary>The source of the permission to join and split the requests of a model.</summary>
public enum BatchContractKind
{
    /// <summary>No permission: every request is one run, as it was sent.</summary>
    None,

    /// <summary>The model's shape allows one item per run. The items of a request run separately, and requests never share a run.</summary>
    SingleItem,

    /// <summary>
    /// The model's owner declares in the settings that the result of an item never depends on the other items: requests are joined and
    /// split.
    /// </summary>
    Declared,

    /// <summary>The server has proven that the result of an item never depends on the other items: requests are joined and split.</summary>
    Proven,
}
