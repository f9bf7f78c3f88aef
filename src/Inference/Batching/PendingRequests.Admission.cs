namespace Inference.Batching;

/// <summary>The refusal of requests during an overload.</summary>
internal sealed partial class PendingRequests
{
    /// <summary>
    /// Throws during an overload, before the inputs of a request are read. Reading the inputs can take longer than a run.
    /// </summary>
    /// <param name="typicalRun">The typical duration of a run. Estimates of waits are based on it.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/></exception>
    public void ThrowIfOverloaded(TimeSpan typicalRun)
    {
        if (!_admission.IsOverloaded)
            return;
        TimeSpan? retryAfter;
        IReadOnlyList<QueuedRequest> late;
        lock (_gate)
            retryAfter = AskAdmission(typicalRun, out late);
        if (retryAfter is { } wait)
            throw Refuse(late, wait);
    }

    /// <param name="late">Receives the waiting requests to refuse as well.</param>
    /// <returns>Null when the request may wait; otherwise how long the caller should wait before a retry.</returns>
    private TimeSpan? AskAdmission(TimeSpan typicalRun, out IReadOnlyList<QueuedRequest> late)
    {
        var retryAfter = _admission.Refuse(_waiting.Count, _waiting.WorkAhead(MaxBatch, Contract), typicalRun);
        late = retryAfter is not null && _admission.TryBeginShedding()
            ? _waiting.TakeLate(MaxBatch, Contract, items => _admission.IsLate(items, typicalRun))
            : [];
        return retryAfter;
    }

    private InferenceException Refuse(IReadOnlyList<QueuedRequest> late, TimeSpan retryAfter)
    {
        foreach (var other in late)
            Fail(other, TooMany(retryAfter));
        return TooMany(retryAfter);
    }

    private InferenceException TooMany(TimeSpan retryAfter) =>
        new(InferenceError.Overloaded, $"Too many requests wait for model {_telemetry.Tags}: try again later.") { RetryAfter = retryAfter };
}
