namespace Functions.Worker.Standalone.Queues;

/// <summary>The time limits for stopping a listener.</summary>
/// <param name="Fetch">
/// How long a running receive call may take after a stop. A cancelled call may still lease messages, which no listener would process.
/// </param>
/// <param name="Cancel">How long cancelled invocations may take to end.</param>
/// <param name="Release">How long the release of the messages of the remaining invocations may take.</param>
internal sealed record DrainLimits(TimeSpan Fetch, TimeSpan Cancel, TimeSpan Release);
