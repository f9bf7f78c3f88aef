using Inference.Models;
using Inference.Models.Contracts;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "The cache of optimized graphs in {Folder} is not used: {Reason} Models load more slowly without it.")]
    public static partial void CacheNotUsed(this ILogger logger, Exception? exception, string folder, string reason);

    [LoggerMessage(LogLevel.Information, "The optimized graph {Key} is deleted and will be created again: {Reason}.")]
    public static partial void GraphDiscarded(this ILogger logger, string key, string reason);

    [LoggerMessage(LogLevel.Information, "Model {Model} has no optimized graph and will load more slowly: {Reason}.")]
    public static partial void GraphNotCreated(this ILogger logger, ModelId model, string reason);

    [LoggerMessage(LogLevel.Warning, "The optimized graph of model {Model} is not shared with other instances: {Reason}")]
    public static partial void GraphNotShared(this ILogger logger, ModelId model, string reason);

    [LoggerMessage(LogLevel.Debug, "Model {Model} is prepared for its next start: optimized graph {Graph}, plan {Plan}.")]
    public static partial void ModelPrepared(this ILogger logger, ModelId model, string graph, ExecutionPlan plan);

    [LoggerMessage(LogLevel.Debug, "The examination of model {Model} for independent items has ended: {Verdict}. {Reason}")]
    public static partial void ModelExamined(this ILogger logger, ModelId model, BatchVerdictKind verdict, string? reason);

    [LoggerMessage(LogLevel.Information, "Requests of different lengths for model {Model} run separately. {Reason}")]
    public static partial void PaddingNotUsed(this ILogger logger, ModelId model, string reason);

    [LoggerMessage(LogLevel.Warning, "Model {Model} serves requests, but its examination failed, so its requests do not share runs.")]
    public static partial void ExaminationFailed(this ILogger logger, Exception exception, ModelId model);

    [LoggerMessage(LogLevel.Warning, "Model {Model} serves requests, but its preparation for the next start failed.")]
    public static partial void PreparationFailed(this ILogger logger, Exception exception, ModelId model);

    [LoggerMessage(
        LogLevel.Warning,
        "A run of one item of model {Model} did not end within {Seconds} s. The model runs one item at a time, on one thread, without "
        + "an optimized graph.")]
    public static partial void RunTooLong(this ILogger logger, ModelId model, double seconds);

    [LoggerMessage(
        LogLevel.Information,
        "The preparation of model {Model} does not open a second session, so {Consequence}. A second session needs up to {Bytes} bytes, "
        + "and {Taken} of the {Available} bytes that this process may use are in use. The next load tries again.")]
    public static partial void PreparationSkipped(
        this ILogger logger, ModelId model, string consequence, long bytes, long taken, long available);

    [LoggerMessage(
        LogLevel.Information,
        "The preparation of model {Model} gives up its second session, so {Consequence}. Another model needs the {Bytes} bytes of the "
        + "second session. The next load tries again.")]
    public static partial void PreparationReclaimed(this ILogger logger, ModelId model, string consequence, long bytes);

    [LoggerMessage(
        LogLevel.Warning,
        "The memory of the process rose by {Bytes} bytes during a run of model {Model} with inputs of shapes {Shapes}; the estimate for "
        + "the model is {Estimate}. Other work at that time may have caused a part of this growth. Set \"limits.dimensions\" in model.json "
        + "to refuse inputs that are too large.")]
    public static partial void RunTookMemory(this ILogger logger, ModelId model, string shapes, long bytes, long estimate);

    [LoggerMessage(
        LogLevel.Warning,
        "There is no crash journal in {Folder}: {Reason} A model that crashes the server is loaded again after the restart.")]
    public static partial void JournalNotKept(this ILogger logger, Exception? exception, string folder, string reason);

    [LoggerMessage(LogLevel.Warning,
        "The system has no executable memory for the handler that records crashes: a model that crashes the server while it runs is loaded "
        + "again.")]
    public static partial void CrashHandlerUnavailable(this ILogger logger);

    [LoggerMessage(
        LogLevel.Error, "{Reason} The version is quarantined: it is not loaded until its files change or an operator requests its load.")]
    public static partial void VersionQuarantined(this ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "{Reason} The version is not prepared again until its files change or an operator requests its load.")]
    public static partial void VersionUnprepared(this ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Model {Model} is not prepared for its next start: {Reason}")]
    public static partial void PreparationForbidden(this ILogger logger, ModelId model, string reason);
}
