namespace Inference.Batching;

/// <summary>The refusal of requests during an overload.</summary>
internal sealed partial class PendingRequests
{
    /// <summary>
    /// Refuses a request whose inputs are still unread, during an overload. Reading the inputs can take longer than a run.
    /// </summary>
    /// <param name="typicalRun">The usual duration of a run, which estimates of waiting times are based on.</param>
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

    /// <param name="late">The waiting requests to refuse too.</param>
    /// <returns>Null for a request that may wait; otherwise when to retry.</returns>
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
