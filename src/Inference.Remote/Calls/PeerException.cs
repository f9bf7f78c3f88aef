namespace Inference.Remote.Calls;

/// <summary>A failed call to another server.</summary>
/// <param name="message">The rest of a sentence that begins with the server's name: <c>cannot be reached (Connection refused).</c></param>
internal sealed class PeerException(PeerFault fault, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public PeerFault Fault { get; } = fault;

    /// <summary>The delay that the server requested; null for none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static PeerException CreateMalformedError(string problem, Exception? innerException = null) =>
        new(PeerFault.Broken, $"sent an invalid response: {problem}", innerException);
}
