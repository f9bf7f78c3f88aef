using Inference.Models;
using Inference.Tensors;

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

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the inputs differ in their number of items.</exception>
    private int CountItems(Tensor[] inputs)
    {
        var axis = _session.Signature.ItemAxis;
        if (axis == ItemAxis.None)
            return 1;
        var items = checked((int)inputs[0].Shape[0]);
        for (var i = 1; i < inputs.Length && _contract.AllowsSplitting; i++)
        {
            if (inputs[i].Shape[0] != items)
            {
                throw InferenceException.InvalidRequest(
                    $"Input \"{_session.Signature.Inputs[i].Name}\" has {inputs[i].Shape[0]} items and "
                    + $"input \"{_session.Signature.Inputs[0].Name}\" has {items}: the first dimension of every input must be the number of items.");
            }
        }

        return items;
    }

    /// <summary>Whether the items of a request go in several runs.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: so many items cannot be run.</exception>
    private bool Splits(Tensor[] inputs, int items)
    {
        var maxBatch = MaxBatch;
        if (items <= maxBatch)
            return false;
        if (_contract is { Kind: BatchContractKind.SingleItem, Violation: { } violation })
        {
            throw InferenceException.InvalidRequest(
                $"The request has {items} items, but the model answers only one at a time: {violation} Send each item in a request of its own.");
        }

        // Byte strings are found by walking all before them: taking a large batch of them apart would walk it again and again.
        if (!_contract.AllowsSplitting || Array.Exists(inputs, input => input.Type == ElementType.Bytes))
            return false;
        if (items > (long)maxBatch * MaxRuns)
        {
            throw InferenceException.InvalidRequest(
                $"{items} items take {(items + maxBatch - 1) / maxBatch} runs of this model, and one request may take {MaxRuns}: send fewer at once.");
        }

        return true;
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
        var refused = _admission.Refuse(_waiting.Count, _waiting.WorkAhead(MaxBatch, _contract), TypicalRun);
        late = refused is not null && _admission.Sheds()
            ? _waiting.TakeLate(MaxBatch, _contract, items => _admission.IsLate(items, TypicalRun))
            : [];
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
