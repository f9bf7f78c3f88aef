using Inference.Models;
using Inference.Models.Settings;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Model {Model} loaded in {Milliseconds} ms ({Bytes} bytes).")]
    public static partial void ModelLoaded(this ILogger logger, ModelId model, long milliseconds, long bytes);

    [LoggerMessage(LogLevel.Warning, "Model {Model} is unavailable: {Reason}")]
    public static partial void ModelLoadFailed(this ILogger logger, Exception exception, ModelId model, string reason);

    [LoggerMessage(
        LogLevel.Warning,
        "Model {Model} has {Labels} labels, but no output has one {ScoreType} score per label. Responses have no labels.")]
    public static partial void LabelsFitNoOutput(this ILogger logger, ModelId model, int labels, string scoreType);

    [LoggerMessage(LogLevel.Warning, "Model {Model} accepts only tensors: {Problem}")]
    public static partial void FolderHasNoTask(this ILogger logger, ModelId model, FileProblem problem);

    [LoggerMessage(LogLevel.Warning,
        "Model {Model} has no file {File}, which config.pbtxt names for the labels of output {Output}: its classes have no labels. Put the "
        + "file beside config.pbtxt or beside the model file.")]
    public static partial void LabelFileMissing(this ILogger logger, ModelId model, string file, string output);

    [LoggerMessage(LogLevel.Warning, "Model {Model} does not load. {Problem}")]
    public static partial void FileNotLoadable(this ILogger logger, ModelId model, string problem);

    [LoggerMessage(LogLevel.Debug, "The file of model {Model} was not checked: {Reason}")]
    public static partial void FileNotChecked(this ILogger logger, Exception exception, ModelId model, string reason);

    [LoggerMessage(LogLevel.Information, "Model {Model} ({Bytes} bytes) is unloaded to make room for {Other}.")]
    public static partial void ModelEvicted(this ILogger logger, ModelId model, long bytes, ModelId other);

    [LoggerMessage(LogLevel.Warning, "Model {Model} serves in place of {Broken}, which does not load.")]
    public static partial void FellBack(this ILogger logger, ModelId model, ModelId broken);

    [LoggerMessage(LogLevel.Warning, "Model {Model} cannot be listed, so its versions of the last listing stay in use: {Reason}")]
    public static partial void ModelNotListed(this ILogger logger, string model, string reason);

    [LoggerMessage(LogLevel.Warning, "Files in the store are not served: {Reason}")]
    public static partial void FilesNotServed(this ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "{Reason} Loaded models stay in service.")]
    public static partial void StoreLost(this ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The model store is no longer considered lost. Models that are missing from it are removed.")]
    public static partial void StoreLossEnded(this ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Settings of model {Model}: {Warning}")]
    public static partial void SettingHasNoEffect(this ILogger logger, ModelName model, FileProblem warning);
}
