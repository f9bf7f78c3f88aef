namespace Functions.Tests.Chaos;

/// <summary>One call of a client: what it sends, what it may get, and how long it stays.</summary>
/// <param name="Row">The model's one row.</param>
/// <param name="Check">Says what is wrong with an answer; null for a call that must not be answered with 200.</param>
/// <param name="Refusals">The statuses that are documented for this call, besides 200.</param>
/// <param name="Timeout">The time that the request allows, where the protocol has a field for it.</param>
/// <param name="Leave">When the caller leaves; null for a caller that waits for the answer.</param>
internal sealed record ChaosCall(
    string Model, float[] Row, Func<float[], string?>? Check, int[] Refusals, TimeSpan? Timeout, TimeSpan? Leave);
