using Inference;
using Microsoft.Extensions.Logging;

namespace Functions.Hosting;

/// <summary>
/// Reports whether the process must be restarted, because compute slots stay in use while nothing runs. Only a fault of the engine causes
/// this state. Neither a long run nor a failed load causes it.
/// </summary>
public sealed partial class Liveness(EngineStatus engine, ILogger<Liveness> logger)
{
    /// <summary>The duration of a stall after which the process counts as dead.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private bool _isReported;

    /// <summary>
    /// Whether the engine works. Only the probes read this property, because each read measures the engine and may log an error.
    /// </summary>
    public bool IsLive
    {
        get
        {
            var isLive = engine.MeasureStall() < Limit;
            if (!isLive && !Interlocked.Exchange(ref _isReported, true))
                EngineStopped(logger, engine.Slots - engine.FreeSlots, engine.Slots, Limit.TotalSeconds);
            return isLive;
        }
    }

    [LoggerMessage(LogLevel.Critical,
        "{Used} of {Slots} compute slots are in use, and nothing has run for {Seconds} s. The process reports that it is dead. "
        + "Restart it.")]
    private static partial void EngineStopped(ILogger logger, int used, int slots, double seconds);
}
