namespace TelemetryBench;

public enum Listening
{
    Nobody,

    /// <summary>What GET /metrics needs: the app by itself always has it.</summary>
    Metrics,

    /// <summary>A listener that keeps every span, and does nothing with it.</summary>
    Traces,
}
