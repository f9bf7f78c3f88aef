namespace Inference.Batching;

/// <summary>The refusal of requests during an overload.</summary>
internal sealed partial class PendingRequests
{
    /// <summary>
    /// Throws if the next request must be refused because of an overload. Call this before the inputs are read, because reading can take
    /// longer than a run.
    /// </summary>
    /// <param name="typicalRun">The typical duration of a run. Estimates of waits are based on this duration.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: the request must be refused.</exception>
    public void ThrowIfOverloaded(TimeSpan typicalRun)
    {
        if (!_admission.IsOverloaded)
            return;
        bool isAdmitted;
        TimeSpan retryAfter;
        IReadOnlyList<QueuedRequest> late;
        lock (_gate)
            isAdmitted = TryAdmit(typicalRun, out retryAfter, out late);
        if (!isAdmitted)
            throw FailLateAndCreateError(late, retryAfter);
    }

    /// <param name="retryAfter">Receives how long the caller of a refused request should wait before a retry.</param>
    /// <param name="late">Receives the late waiting requests, which the caller of this method must refuse too.</param>
    private bool TryAdmit(TimeSpan typicalRun, out TimeSpan retryAfter, out IReadOnlyList<QueuedRequest> late)
    {
        var isAdmitted = _admission.TryAdmit(_waiting.Count, _waiting.CountWorkAhead(MaxBatch, Contract), typicalRun, out retryAfter);
        late = !isAdmitted && _admission.TryBeginShedding()
            ? _waiting.TakeLate(MaxBatch, Contract, items => _admission.IsLate(items, typicalRun))
            : [];
        return isAdmitted;
    }

    /// <summary>Fails the late requests, and returns the exception for the refused request.</summary>
    private InferenceException FailLateAndCreateError(IReadOnlyList<QueuedRequest> late, TimeSpan retryAfter)
    {
        foreach (var request in late)
            Fail(request, CreateOverloadedError(retryAfter));
        return CreateOverloadedError(retryAfter);
    }

    private InferenceException CreateOverloadedError(TimeSpan retryAfter) =>
        new(InferenceError.Overloaded, $"Too many requests wait for model {_telemetry.Tags}: try again later.") { RetryAfter = retryAfter };
}
