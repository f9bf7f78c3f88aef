namespace Inference.Models.Settings;

/// <summary>The owner's choice about sharing runs: <c>batching.contract</c>.</summary>
public enum ContractChoice
{
    /// <summary>
    /// Requests share runs only where the server has proven that an item's answer does not depend on the other items of a run.
    /// </summary>
    Proven,

    /// <summary>Never: every request runs as it was sent.</summary>
    None,

    /// <summary>The owner vouches that it does not: requests of different callers share runs, and large ones are split.</summary>
    Declared,
}
