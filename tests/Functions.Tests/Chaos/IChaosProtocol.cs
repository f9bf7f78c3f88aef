namespace Functions.Tests.Chaos;

/// <summary>A protocol by which the server can be called.</summary>
internal interface IChaosProtocol : IDisposable
{
    string Name { get; }

    /// <summary>Whether a request can contain a timeout.</summary>
    bool HasTimeout { get; }

    /// <summary>The time for which a caller waits for a response, unless it disconnects earlier.</summary>
    TimeSpan Patience { get; }

    /// <summary>Sends a row to a model.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<ChaosReply> SendAsync(string model, float[] row, TimeSpan? timeout, CancellationToken cancellationToken);
}
