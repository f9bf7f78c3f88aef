namespace Inference.Repository.ModelJson;

/// <summary>The keys of each object in <c>model.json</c>; <c>models/model.schema.json</c> has the same.</summary>
internal static class SettingsKeys
{
    public static readonly string[] Root = ["$schema", "versions", "batching", "execution", "lifecycle", "timeouts", "results", "remote", "image", "text"];
    public static readonly string[] Versions = ["serve", "labels", "traffic", "shadow"];
    public static readonly string[] Serve = ["latest", "specific"];
    public static readonly string[] Traffic = ["version", "percent"];
    public static readonly string[] Batching = ["contract", "maxBatch", "preferredSizes", "maxDelay", "queueLimit", "padding"];
    public static readonly string[] Execution = ["threads", "memoryProfile"];
    public static readonly string[] Lifecycle = ["preload", "pinned", "idleTimeout", "warmup"];
    public static readonly string[] Warmup = ["request", "count"];
    public static readonly string[] Timeouts = ["request"];
    public static readonly string[] Results = ["digest"];

    public static readonly string[] Remote =
        ["kind", "url", "model", "version", "headers", "keySetting", "keyHeader", "timeout", "concurrency", "maxResponseBytes", "json"];

    public static readonly string[] JsonService = ["method", "request", "inputs", "outputs"];
    public static readonly string[] JsonTensor = ["name", "datatype", "shape", "at"];
    public static readonly string[] Image = ["height", "width", "layout", "channels", "resize", "scale", "mean", "std"];
    public static readonly string[] Text = ["tokenizer", "vocab", "merges", "maxTokens", "lowercase", "pooling", "normalize"];
}
