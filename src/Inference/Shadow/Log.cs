using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Shadow;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning,
        "Shadow {Model} differs from the responses in {Different} of {Compared} runs, by at most {Largest}. {Failed} more runs failed. "
        + "{Dropped} requests were not run.")]
    public static partial void ShadowDiffers(
        this ILogger logger, ModelId model, long different, long compared, double largest, long failed, long dropped);

    [LoggerMessage(LogLevel.Warning, "Shadow {Model} failed. {Failed} of its runs have failed so far. {Reason}")]
    public static partial void ShadowFailed(this ILogger logger, Exception exception, ModelId model, long failed, string reason);
}
