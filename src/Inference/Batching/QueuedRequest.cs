using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// A request in a queue until it ends, once: with all its items' rows, with a failure, or because its caller
/// left. The caller hears of it as soon as no run reads its inputs any more, for then they are the caller's again.
/// Everything that changes is guarded by the queue's lock.
/// </summary>
internal sealed class QueuedRequest(Tensor[] inputs, int[] outputs, RequestItems items, RunTerms terms)
    // Continuations elsewhere: a slot computes, it does not write responses.
    : TaskCompletionSource<Tensor[]>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private List<(int Start, Tensor[] Rows)>? _parts;
    private Tensor[]? _whole;
    private Exception? _failure;
    private int _readers;
    private int _taken;
    private int _done;
    private int _attempt;

    /// <summary>Called when the token of the caller fires.</summary>
    private Action<QueuedRequest, CancellationToken>? _leave;
    private CancellationTokenRegistration _registration;

    public Tensor[] Inputs { get; } = inputs;

    public int[] Outputs { get; } = outputs;

    public int Priority => terms.Priority;

    /// <summary>The layout of its items; null for a request that runs as it was sent.</summary>
    public BatchLayout? Layout => items.Layout;

    /// <summary>Whether its items may go in several runs, as long as the contract allows it.</summary>
    public bool Splits { get; private set; } = items.AreSplit;

    /// <summary>The tokens of each item, padding included; 0 for items that are not of tokens.</summary>
    public int Length => items.Length;

    /// <summary>Whether it is part of a request that another part has had admitted.</summary>
    public bool IsAdmitted => terms.IsAdmitted;

    public PredictionTrace? Trace => terms.Trace;

    /// <summary>The time after which its caller does not wait any more.</summary>
    public Deadline Deadline => terms.Deadline;

    /// <summary>Its place in the queue: smaller is sooner.</summary>
    public long Order { get; set; }

    /// <summary>When it came to wait first.</summary>
    public long? Since { get; set; }

    /// <summary>Items that no batch has taken.</summary>
    public int Remaining => items.Count - _taken;

    /// <summary>Whether a batch has taken any of it.</summary>
    public bool IsTaken => _taken > 0;

    public bool HasEnded { get; private set; }

    /// <summary>Calls <paramref name="leave"/> when the token fires, at once if it has fired.</summary>
    public void Watch(Action<QueuedRequest, CancellationToken> leave, CancellationToken cancellationToken)
    {
        _leave = leave;
        _registration = cancellationToken.UnsafeRegister(static (request, token) =>
            ((QueuedRequest)request!)._leave!((QueuedRequest)request!, token), this);
    }

    public void StopWatching() => _registration.Unregister();

    /// <summary>Takes the next items for a batch, which then reads them.</summary>
    public BatchPart Take(int count)
    {
        var part = new BatchPart(this, _taken, count, IsWhole: count == items.Count, _attempt);
        _taken += count;
        _readers++;
        return part;
    }

    /// <summary>
    /// Makes the request one run again, after some of its items have gone in runs of their own that prove nothing: their rows are dropped,
    /// and so are those of its runs under way.
    /// </summary>
    /// <param name="dropped">Rows for the caller to dispose, outside the lock.</param>
    /// <returns>False for a request that has ended or is one run already.</returns>
    public bool TryStartOver(out List<(int Start, Tensor[] Rows)>? dropped)
    {
        dropped = null;
        if (HasEnded || !Splits)
            return false;
        (dropped, _parts) = (_parts, null);
        (_taken, _done, Splits) = (0, 0, false);
        _attempt++;
        return true;
    }

    /// <summary>Whether the part belongs to an attempt before the last start over, so that its outcome counts for nothing.</summary>
    public bool IsStale(BatchPart part) => part.Attempt != _attempt;

    /// <summary>Lets a part be read once more; false when the request has ended, so that nobody waits for it.</summary>
    public bool TryReread()
    {
        if (HasEnded)
            return false;
        _readers++;
        return true;
    }

    /// <summary>Whether it is to be settled now.</summary>
    public bool StopReading() => --_readers == 0 && HasEnded;

    /// <summary>Ends it without an answer, unless it has ended. Whether it is to be settled now.</summary>
    public bool Fail(Exception failure)
    {
        if (HasEnded)
            return false;
        _failure = failure;
        HasEnded = true;
        return _readers == 0;
    }

    /// <summary>Takes over a part's rows, unless the request has ended; ends it when they are the last.</summary>
    public bool TryAdd(BatchPart part, Tensor[] rows, out bool settle)
    {
        settle = false;
        if (HasEnded || IsStale(part))
            return false;
        if (part.IsWhole)
            _whole = rows;
        else
            (_parts ??= []).Add((part.Start, rows));
        _done += part.Count;
        HasEnded = _done == items.Count;
        settle = HasEnded && _readers == 0;
        return true;
    }

    /// <summary>Tells the caller. Once, after the method that said so, outside the lock.</summary>
    public void Settle()
    {
        StopWatching();
        Trace?.RunEnded();
        try
        {
            if (_failure is null)
                SetResult(_whole ?? Join());
            else if (_failure is OperationCanceledException cancelled)
                SetCanceled(cancelled.CancellationToken);
            else
                SetException(_failure);
        }
        catch (Exception e)
        {
            // The rows do not make one tensor, or there is no memory for it.
            SetException(e);
        }
        finally
        {
            foreach (var (_, rows) in _parts ?? [])
                rows.DisposeAll();
        }
    }

    private Tensor[] Join()
    {
        _parts!.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var joined = new Tensor[Outputs.Length];
        try
        {
            for (var output = 0; output < joined.Length; output++)
                joined[output] = Join(output);
            return joined;
        }
        catch
        {
            joined.DisposeAll();
            throw;
        }
    }

    private Tensor Join(int output) => Layout!.Outputs[Outputs[output]] switch
    {
        0 => Tensor.Concatenate(_parts!.ConvertAll(part => part.Rows[output])),
        var axis => TensorSlices.Join(_parts!.ConvertAll(part => SlicesOf(part.Rows[output], axis)), axis),
    };

    private static TensorSlices SlicesOf(Tensor tensor, int axis) => new(tensor, 0, (int)tensor.Shape[axis]);
}
