namespace Inference.Models.Settings;

/// <summary>The choice of a model's owner about shared runs: <c>batching.contract</c>.</summary>
public enum ContractChoice
{
    /// <summary>
    /// Requests share runs only where the server has proven that the result of an item does not depend on the other items of a run.
    /// </summary>
    Proven,

    /// <summary>Requests never share runs: each one runs as it was sent.</summary>
    None,

    /// <summary>
    /// The owner declares that results are independent: requests of different callers share runs, and large requests are split.
    /// </summary>
    Declared,
}
