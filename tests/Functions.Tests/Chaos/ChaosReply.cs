namespace Functions.Tests.Chaos;

/// <summary>A response, in the same form for all protocols.</summary>
/// <param name="Status">The HTTP status, or the HTTP status that corresponds to a gRPC status or to an error code.</param>
/// <param name="Values">The row of the output; empty unless the status is 200.</param>
/// <param name="Text">The server's error; empty if the status is 200.</param>
internal sealed record ChaosReply(int Status, float[] Values, string Text)
{
    public static ChaosReply Answer(float[] values) => new(200, values, "");

    public static ChaosReply Refusal(int status, string text) => new(status, [], text);
}
