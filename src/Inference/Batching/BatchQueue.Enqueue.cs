namespace Inference.Batching;

/// <content>How a request comes to wait, or is refused.</content>
internal sealed partial class BatchQueue
{
    /// <summary>In an overload, refuses a request before its inputs are read: to read them takes longer than many a run, for nothing.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/></exception>
    public void RefuseUnread()
    {
        if (!_admission.IsOverloaded)
            return;
        TimeSpan? refused;
        IReadOnlyList<QueuedRequest> late;
        lock (_gate)
            refused = AskAdmission(out late);
        if (refused is { } retryAfter)
            throw Refuse(late, retryAfter);
    }

    private void Enqueue(QueuedRequest request, CancellationToken cancellationToken)
    {
        request.Registration = cancellationToken.UnsafeRegister(
            static (request, token) => ((QueuedRequest)request!).Queue.Leave((QueuedRequest)request!, token), request);
        TimeSpan? refused;
        IReadOnlyList<QueuedRequest> late;
        var due = false;
        lock (_gate)
        {
            if (request.HasEnded)
                return;
            refused = AskAdmission(out late);
            if (refused is null)
            {
                _waiting.Insert(request);
                due = IsDue();
            }
        }

        if (refused is { } retryAfter)
        {
            request.Registration.Unregister();
            throw Refuse(late, retryAfter);
        }

        if (due)
            _governor.Ready(this);
    }

    /// <param name="late">Those who wait and are to be refused too.</param>
    /// <returns>Null for a request that may wait, or else when it may try again.</returns>
    private TimeSpan? AskAdmission(out IReadOnlyList<QueuedRequest> late)
    {
        var refused = _admission.Refuse(_waiting.Count, _waiting.ItemsAhead(MaxBatch), TypicalRun);
        late = refused is not null && _admission.Sheds() ? _waiting.TakeLate(MaxBatch, items => _admission.IsLate(items, TypicalRun)) : [];
        return refused;
    }

    private InferenceException Refuse(IReadOnlyList<QueuedRequest> late, TimeSpan retryAfter)
    {
        foreach (var other in late)
            Fail(other, TooMany(retryAfter));
        return TooMany(retryAfter);
    }

    private InferenceException TooMany(TimeSpan retryAfter) =>
        new(InferenceError.Overloaded, $"Too many requests wait for model {_model.Model.Id}: try again later.") { RetryAfter = retryAfter };
}
