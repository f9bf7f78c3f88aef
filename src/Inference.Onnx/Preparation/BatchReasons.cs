namespace Inference.Onnx.Preparation;

/// <summary>
/// The reasons why a model's items are not proven to be independent, as sentences for the person who operates the server.
/// </summary>
internal static class BatchReasons
{
    /// <summary>The model accepts none of the generated inputs, or the inputs are too large.</summary>
    public const string NoInputs =
        "According to the graph, items are independent, but no run could verify this: the model accepts none of the generated inputs, or "
        + "the inputs are too large. Add a request with two different items to \"lifecycle.warmup\" in model.json, or set "
        + "\"batching.contract\" to \"declared\".";

    /// <summary>The runs took too long.</summary>
    public const string TooSlow =
        "According to the graph, items are independent, but the runs that verify this did not end in time. The next load of the model "
        + "tries again. To skip these runs, set \"batching.contract\" to \"declared\" in model.json.";

    /// <summary>The examination failed.</summary>
    public const string Failed =
        "The server could not examine the model; the log has the reason. The next load of the model tries again. Set "
        + "\"batching.contract\" to \"declared\" in model.json if the result of an item never depends on other items.";

    /// <summary>Returns the sentences about a model that must not run on generated inputs.</summary>
    /// <param name="reason">A sentence that says why the model must not run on them.</param>
    public static string Forbidden(string reason) =>
        $"The model is not run on generated inputs, so its batch contract is not verified. {reason} Set \"batching.contract\" to "
        + "\"declared\" in model.json if the result of an item never depends on other items.";

    /// <param name="difference">A sentence about the difference between runs.</param>
    public static string Refuted(string difference) =>
        $"According to the graph, items are independent, but runs contradict this. {difference}";
}
