using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// A request in a queue, from its arrival to its end. A request ends exactly once: with the rows of all its items, with a failure, or
/// because its caller cancelled. After the end, the caller's task completes as soon as no run reads the inputs. The inputs belong to the
/// caller again from then on. The queue's lock guards all state that changes.
/// </summary>
internal sealed class QueuedRequest(Tensor[] inputs, int[] outputs, RequestItems items, RequestOptions options)
    // Continuations run asynchronously, because the thread of a compute slot must not spend its time on writing responses.
    : TaskCompletionSource<Tensor[]>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The rows of a split request; null before the first rows arrive.</summary>
    private SplitOutputs? _splitOutputs;
    /// <summary>The rows of all items, if they came from a single run.</summary>
    private Tensor[]? _whole;
    private Exception? _failure;
    /// <summary>The number of runs that read the inputs.</summary>
    private int _readers;
    /// <summary>The number of items that batches have taken.</summary>
    private int _taken;
    /// <summary>The number of items whose rows were delivered.</summary>
    private int _delivered;
    /// <summary>The number of times that the request has started over.</summary>
    private int _attempt;

    /// <summary>Called when the caller's token is cancelled.</summary>
    private Action<QueuedRequest, CancellationToken>? _onCancelled;
    private CancellationTokenRegistration _registration;

    public Tensor[] Inputs { get; } = inputs;

    public int[] Outputs { get; } = outputs;

    public int Priority => options.Priority;

    /// <summary>The layout of the items; null for a request that runs as it was sent.</summary>
    public BatchLayout? Layout => items.Layout;

    /// <summary>Whether the items may be split over several runs, as long as the contract allows a split.</summary>
    public bool IsSplittable { get; private set; } = items.AreSplit;

    /// <summary>The number of tokens of each item, padding included; 0 for items that are not texts.</summary>
    public int Length => items.Length;

    /// <summary>Whether another part of the same request was admitted already, so that an overload does not refuse this part.</summary>
    public bool IsAdmitted => options.IsAdmitted;

    public PredictionTrace? Trace => options.Trace;

    /// <summary>The time after which the caller no longer waits.</summary>
    public Deadline Deadline => options.Deadline;

    /// <summary>The position in the queue: smaller values are served sooner.</summary>
    public long Order { get; set; }

    /// <summary>The timestamp at which the request first joined the queue; null before that.</summary>
    public long? QueuedAt { get; set; }

    /// <summary>The number of items that no batch has taken.</summary>
    public int Remaining => items.Count - _taken;

    /// <summary>Whether a batch has taken any item.</summary>
    public bool IsPartlyTaken => _taken > 0;

    public bool HasEnded { get; private set; }

    /// <summary>Calls <paramref name="onCancelled"/> when the token is cancelled, or at once if the token was cancelled before.</summary>
    public void Watch(Action<QueuedRequest, CancellationToken> onCancelled, CancellationToken cancellationToken)
    {
        _onCancelled = onCancelled;
        _registration = cancellationToken.UnsafeRegister(static (request, token) =>
            ((QueuedRequest)request!)._onCancelled!((QueuedRequest)request!, token), this);
    }

    public void StopWatching() => _registration.Unregister();

    /// <summary>Assigns the next items to a batch, which then reads them.</summary>
    public BatchPart Take(int count)
    {
        var part = new BatchPart(this, _taken, count, IsWhole: count == items.Count, _attempt);
        _taken += count;
        _readers++;
        return part;
    }

    /// <summary>
    /// Restarts a split request as a single run, because the results of its separate runs may be wrong. Drops the rows received so far. The
    /// rows of runs in progress are dropped later, as stale.
    /// </summary>
    /// <param name="dropped">Receives the dropped rows, which the caller disposes outside the lock.</param>
    /// <returns>False for a request that has ended or is a single run already.</returns>
    public bool TryStartOver(out SplitOutputs? dropped)
    {
        dropped = null;
        if (HasEnded || !IsSplittable)
            return false;
        (dropped, _splitOutputs) = (_splitOutputs, null);
        (_taken, _delivered, IsSplittable) = (0, 0, false);
        _attempt++;
        return true;
    }

    /// <summary>Whether the part belongs to an attempt before the last restart, so that its outcome is ignored.</summary>
    public bool IsStale(BatchPart part) => part.Attempt != _attempt;

    /// <summary>
    /// Lets another run read a part. Returns false when the request has ended, because then no caller waits for the part.
    /// </summary>
    public bool TryAddReader()
    {
        if (HasEnded)
            return false;
        _readers++;
        return true;
    }

    /// <summary>Reports that a run no longer reads the inputs. Returns whether to call <see cref="Settle"/> now.</summary>
    public bool RemoveReader() => --_readers == 0 && HasEnded;

    /// <summary>Fails the request, unless it has ended. Returns whether to call <see cref="Settle"/> now.</summary>
    public bool Fail(Exception failure)
    {
        if (HasEnded)
            return false;
        _failure = failure;
        HasEnded = true;
        return _readers == 0;
    }

    /// <summary>
    /// Ends the request with the rows of its only part, and takes ownership of the rows. Returns false, and takes nothing, when the request
    /// has ended or the part is stale.
    /// </summary>
    /// <param name="mustSettle">Receives whether to call <see cref="Settle"/> now.</param>
    public bool TryEndWith(BatchPart whole, Tensor[] rows, out bool mustSettle)
    {
        mustSettle = false;
        if (HasEnded || IsStale(whole))
            return false;
        _whole = rows;
        HasEnded = true;
        mustSettle = _readers == 0;
        return true;
    }

    /// <summary>
    /// Returns the outputs into which the rows of a part are copied, outside the lock. Call <see cref="CompletePart"/> afterwards. Returns
    /// null when the request has ended or the part is stale.
    /// </summary>
    public SplitOutputs? TryGetSplitOutputs(BatchPart part) => HasEnded || IsStale(part)
        ? null
        : _splitOutputs ??= new SplitOutputs(Array.ConvertAll(Outputs, output => Layout!.Outputs[output]), items.Count);

    /// <summary>
    /// Reports that the rows of a part were copied. The last part ends the request. Returns whether to call <see cref="Settle"/> now.
    /// </summary>
    public bool CompletePart(BatchPart part)
    {
        if (HasEnded || IsStale(part))
            return false;
        _delivered += part.Count;
        HasEnded = _delivered == items.Count;
        return HasEnded && _readers == 0;
    }

    /// <summary>
    /// Completes the caller's task. Call this once, outside the lock, when a method has reported that the request must be settled.
    /// </summary>
    public void Settle()
    {
        StopWatching();
        Trace?.RecordRunEnd();
        try
        {
            if (_failure is null)
                SetResult(_whole ?? _splitOutputs!.Take());
            else if (_failure is OperationCanceledException cancelled)
                SetCanceled(cancelled.CancellationToken);
            else
                SetException(_failure);
        }
        catch (Exception e)
        {
            // No memory is left to bring the texts of an output into their order.
            SetException(e);
        }
        finally
        {
            _splitOutputs?.Dispose();
        }
    }
}
