using Inference.Models;
using Inference.Models.Settings;
using Microsoft.Extensions.Logging;

namespace Inference.Serving;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Model {Model} loaded in {Milliseconds} ms ({Bytes} bytes).")]
    public static partial void ModelLoaded(this ILogger logger, ModelId model, long milliseconds, long bytes);

    [LoggerMessage(LogLevel.Warning, "Model {Model} is unavailable: {Reason}")]
    public static partial void ModelLoadFailed(this ILogger logger, Exception exception, ModelId model, string reason);

    [LoggerMessage(LogLevel.Warning, "Model {Model} has {Labels} labels, but no FP32 output of shape [items, {Labels}]: its answers have no labels.")]
    public static partial void LabelsFitNoOutput(this ILogger logger, ModelId model, int labels);

    [LoggerMessage(LogLevel.Information, "Model {Model} ({Bytes} bytes) is unloaded to make room for {Other}.")]
    public static partial void ModelEvicted(this ILogger logger, ModelId model, long bytes, ModelId other);

    [LoggerMessage(LogLevel.Warning, "Model {Model} answers instead of {Broken}, which does not load.")]
    public static partial void FellBack(this ILogger logger, ModelId model, ModelId broken);

    [LoggerMessage(LogLevel.Information, "Model {Model} is the latest now, after {Before}.")]
    public static partial void LatestMoved(this ILogger logger, ModelId model, ModelId before);

    [LoggerMessage(LogLevel.Warning, "Model {Model} stays as it was. {Reason}")]
    public static partial void ReloadRefused(this ILogger logger, ModelId model, string reason);

    [LoggerMessage(LogLevel.Error, "Model {Model} runs in part under settings that are refused, because it does not load under those in force: {Reason}")]
    public static partial void SettingsNotRestored(this ILogger logger, ModelName model, string reason);

    [LoggerMessage(LogLevel.Warning, "Settings of model {Model}: {Warning}")]
    public static partial void SettingHasNoEffect(this ILogger logger, ModelName model, FileProblem warning);

    [LoggerMessage(LogLevel.Warning, "The models in {Store} could not be looked at: {Reason}")]
    public static partial void LookFailed(this ILogger logger, Exception exception, string store, string reason);

    [LoggerMessage(LogLevel.Warning, "Shadow {Model} differs from what answers: in {Different} of {Compared} runs, by {Largest} at most; {Failed} more failed, {Dropped} requests were not run.")]
    public static partial void ShadowDiffers(this ILogger logger, ModelId model, long different, long compared, double largest, long failed, long dropped);

    [LoggerMessage(LogLevel.Warning, "Shadow {Model} failed, {Failed} times by now: {Reason}")]
    public static partial void ShadowFailed(this ILogger logger, Exception exception, ModelId model, long failed, string reason);

    [LoggerMessage(LogLevel.Error, "Model {Model}: {Ending}")]
    public static partial void BatchContractEnded(this ILogger logger, ModelId model, string ending);

    [LoggerMessage(LogLevel.Error, "Model {Model} is to be loaded at the start, but cannot be: {Reason}")]
    public static partial void PreloadFailed(this ILogger logger, ModelName model, string reason);
}
