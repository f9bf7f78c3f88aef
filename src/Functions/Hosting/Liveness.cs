using Inference;
using Microsoft.Extensions.Logging;

namespace Functions.Hosting;

/// <summary>
/// Reports whether the process must be restarted. Each run of a model needs a compute slot, and there is one slot for each processor. If
/// slots stay in use although nothing runs, the engine has a fault. A long run or a failed load does not cause this fault.
/// </summary>
public sealed partial class Liveness(EngineStatus engine, ILogger<Liveness> logger)
{
    /// <summary>The duration of a stall after which the process counts as dead.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private bool _isReported;

    /// <summary>Whether the engine works. Read this property only in probes: each read measures the engine and can log an error.</summary>
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
        "{Used} of {Slots} compute slots are in use, and nothing has run for {Seconds} s. The process reports that it is not "
        + "live. Restart the process.")]
    private static partial void EngineStopped(ILogger logger, int used, int slots, double seconds);
}
