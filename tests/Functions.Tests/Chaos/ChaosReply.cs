namespace Functions.Tests.Chaos;

/// <summary>An answer of any protocol.</summary>
/// <param name="Status">As of HTTP.</param>
/// <param name="Values">The row of the output; empty unless the status is 200.</param>
/// <param name="Text">What the server says, unless the status is 200.</param>
internal sealed record ChaosReply(int Status, float[] Values, string Text)
{
    public static ChaosReply Answer(float[] values) => new(200, values, "");

    public static ChaosReply Refusal(int status, string text) => new(status, [], text);
}
