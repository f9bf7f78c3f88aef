namespace Functions.Worker.Standalone.Queues;

/// <summary>The time limits for stopping a listener.</summary>
/// <param name="Fetch">
/// How long a running receive call may take after a stop. Cancelling the call could leave messages leased that no listener processes.
/// </param>
/// <param name="Cancel">How long cancelled invocations may take to end.</param>
/// <param name="Release">How long the messages of the remaining invocations may take to be released.</param>
internal sealed record DrainLimits(TimeSpan Fetch, TimeSpan Cancel, TimeSpan Release);
