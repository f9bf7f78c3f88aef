using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Reload;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Model {Model} is now the latest version and replaces {Before}.")]
    public static partial void LatestMoved(this ILogger logger, ModelId model, ModelId before);

    [LoggerMessage(LogLevel.Information,
        "Model {Model} is no longer served, because the store no longer has it or the model's settings no longer serve it.")]
    public static partial void VersionRemoved(this ILogger logger, ModelId model);

    [LoggerMessage(LogLevel.Warning, "Model {Model} stays as it was. {Reason}")]
    public static partial void ReloadRefused(this ILogger logger, ModelId model, string reason);

    [LoggerMessage(LogLevel.Error,
        "Model {Model} still uses parts of the refused settings, because it does not load with its previous settings: {Reason}")]
    public static partial void SettingsNotRestored(this ILogger logger, ModelName model, string reason);

    [LoggerMessage(LogLevel.Warning, "The models in {Store} could not be checked: {Reason}")]
    public static partial void PollFailed(this ILogger logger, Exception? exception, string store, string reason);

    [LoggerMessage(LogLevel.Warning, "Model {Model} could not be compared with the store: {Reason}")]
    public static partial void ReloadFailed(this ILogger logger, Exception? exception, ModelName model, string reason);

    [LoggerMessage(LogLevel.Error, "Model {Model} cannot be served: {Reason}")]
    public static partial void PreloadFailed(this ILogger logger, ModelName model, string reason);
}
