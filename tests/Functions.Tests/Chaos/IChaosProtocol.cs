namespace Functions.Tests.Chaos;

/// <summary>One of the ways to call the server.</summary>
internal interface IChaosProtocol : IDisposable
{
    string Name { get; }

    /// <summary>Whether a request can say how long it may take.</summary>
    bool HasTimeout { get; }

    /// <summary>How long a caller that does not leave waits for a response of any kind.</summary>
    TimeSpan Patience { get; }

    /// <summary>Sends a row to a model.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<ChaosReply> SendAsync(string model, float[] row, TimeSpan? timeout, CancellationToken cancellationToken);
}
