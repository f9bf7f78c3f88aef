using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Shadow;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning,
        "Shadow {Model} differs from the responses: in {Different} of {Compared} runs, by {Largest} at most; {Failed} more failed, "
        + "{Dropped} requests were not run.")]
    public static partial void ShadowDiffers(
        this ILogger logger, ModelId model, long different, long compared, double largest, long failed, long dropped);

    [LoggerMessage(LogLevel.Warning, "Shadow {Model} failed, {Failed} times by now: {Reason}")]
    public static partial void ShadowFailed(this ILogger logger, Exception exception, ModelId model, long failed, string reason);
}
