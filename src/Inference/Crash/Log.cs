using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Crash;

internal static partial class Log
{
    [LoggerMessage(
        LogLevel.Warning,
        "The records of crashed versions in {Folder} cannot be used: {Reason} Until it ends, this process does not load a version that it "
        + "knows to crash. Other processes load the version.")]
    public static partial void RecordsNotKept(this ILogger logger, Exception? exception, string folder, string reason);

    [LoggerMessage(LogLevel.Warning, "Model {Model} is quarantined: {Reason}")]
    public static partial void Quarantined(this ILogger logger, ModelId model, string reason);

    [LoggerMessage(LogLevel.Information, "Model {Model} is released from quarantine, because an operator requested its load.")]
    public static partial void Released(this ILogger logger, ModelName model);

    [LoggerMessage(LogLevel.Information, "Model {Model} passed its trial in {Milliseconds} ms.")]
    public static partial void TrialPassed(this ILogger logger, ModelId model, long milliseconds);
}
