using Inference;
using Microsoft.Extensions.Logging;

namespace Functions.Hosting;

/// <summary>
/// Whether the process can do its work, or is to be started again. It cannot when compute slots are in use for a while and nothing runs,
/// which only a fault of the engine brings about. A long run is no such fault, and neither is a model that does not load.
/// </summary>
public sealed partial class Liveness(EngineStatus engine, ILogger<Liveness> logger)
{
    /// <summary>The most time for which the engine can stand still.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private bool _isReported;

    /// <summary>Looks at the engine: the probes are what observes it over time.</summary>
    public bool IsLive
    {
        get
        {
            var isLive = engine.LookForStall() < Limit;
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
