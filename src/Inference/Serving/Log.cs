using Inference.Models;
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
}
