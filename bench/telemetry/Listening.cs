namespace TelemetryBench;

public enum Listening
{
    None,

    /// <summary>The listener that GET /metrics needs. The app always has this listener.</summary>
    Metrics,

    /// <summary>A listener that records every span and does nothing else with it.</summary>
    Traces,
}
