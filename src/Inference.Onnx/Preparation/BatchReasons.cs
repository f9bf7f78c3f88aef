namespace Inference.Onnx.Preparation;

/// <summary>The reasons why a model is not proven although its graph shows independent items, as sentences for its operator.</summary>
internal static class BatchReasons
{
    /// <summary>The model accepts none of the generated inputs, or the inputs are too large.</summary>
    public const string NoInputs =
        "By its graph every item's result is its own, but the model takes none of the inputs that the server generated to verify that by "
        + "runs, or they are too large. Add a request with two different items to \"lifecycle.warmup\" in model.json, or set "
        + "\"batching.contract\" to \"declared\".";

    /// <summary>The runs took too long.</summary>
    public const string TooSlow =
        "By its graph every item's result is its own, but the runs that verify it did not end in time. The next load of the model tries "
        + "again; with \"batching.contract\" set to \"declared\" in model.json they are not needed.";

    /// <summary>The examination failed.</summary>
    public const string Failed =
        "The examination of the model failed, as the log says. The next load of the model tries again; set \"batching.contract\" to "
        + "\"declared\" in model.json if every item's result is its own.";

    /// <summary>The model must not run on generated inputs.</summary>
    public static string Forbidden(string reason) =>
        $"The model is not run on generated inputs, so nothing is verified. {reason} Set \"batching.contract\" to \"declared\" in "
        + "model.json if every item's result is its own.";

    /// <param name="difference">A sentence about the difference between runs.</param>
    public static string Refuted(string difference) => $"By its graph every item's result is its own, but runs contradict it. {difference}";
}
