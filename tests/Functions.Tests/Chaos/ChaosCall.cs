namespace Functions.Tests.Chaos;

/// <summary>One call of a client: the request, the allowed responses, and the time for which the caller waits.</summary>
/// <param name="Row">The only row of the request.</param>
/// <param name="Check">
/// Describes the error in a response, and returns null for a right one. The function is null for a call that must not get status 200.
/// </param>
/// <param name="Refusals">The documented statuses of the call other than 200.</param>
/// <param name="Timeout">The timeout in the request, if the protocol has a field for a timeout.</param>
/// <param name="Leave">The time after which the caller disconnects; null for a caller that waits for the response.</param>
internal sealed record ChaosCall(
    string Model, float[] Row, Func<float[], string?>? Check, int[] Refusals, TimeSpan? Timeout, TimeSpan? Leave);
