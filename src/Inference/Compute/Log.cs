using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Compute;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Error,
        "The {Phase} of model {Model} still computes {Seconds} s after it was cancelled. The work continues in the background and "
        + "keeps its memory until it ends.")]
    public static partial void WorkAbandoned(this ILogger logger, string phase, ModelId model, double seconds);

    [LoggerMessage(LogLevel.Warning, "The {Phase} of model {Model}, which was cancelled long ago, ended after {Seconds} s.")]
    public static partial void AbandonedWorkEnded(this ILogger logger, string phase, ModelId model, double seconds, Exception? exception);
}
