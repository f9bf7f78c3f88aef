namespace Inference.Compute;

/// <summary>
/// Dedicated threads for runs that are too long for the thread pool, which has requests to serve. A thread starts when work arrives and no
/// thread is idle.
/// </summary>
/// <param name="maxThreads">The maximum number of threads, unless <see cref="RaiseMaxThreads"/> raises the number.</param>
internal sealed class ComputeThreads(int maxThreads) : IDisposable
{
    [ThreadStatic]
    private static ComputeThreads? _current;

    private readonly object _gate = new();
    private readonly Queue<IThreadPoolWorkItem> _work = new();
    private readonly List<Thread> _threads = [];
    private int _maxThreads = maxThreads;
    private int _idleThreads;
    private bool _isDisposed;

    /// <summary>The number of threads that have started.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _threads.Count;
        }
    }

    /// <summary>Runs work on one of the threads.</summary>
    /// <param name="isLastAction">
    /// Whether this call is the last action of the work on the calling thread. A calling compute thread then takes the new work itself, and
    /// no other thread is woken.
    /// </param>
    public void Execute(IThreadPoolWorkItem work, bool isLastAction)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _work.Enqueue(work);
                if (!isLastAction || _current != this || _work.Count > 1)
                    WakeOne();
                return;
            }
        }

        // Work that arrives after the governor was disposed runs on the thread pool, so that nothing is lost.
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    /// <summary>Raises the number of threads that may start.</summary>
    public void RaiseMaxThreads(int threads)
    {
        lock (_gate)
            _maxThreads = Math.Max(_maxThreads, threads);
    }

    /// <summary>Finishes the queued work, then ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
            thread.Join();
    }

    /// <summary>Wakes or starts a thread for queued work. Without any thread, moves the work to the thread pool.</summary>
    private void WakeOne()
    {
        if (_idleThreads > 0)
        {
            _idleThreads--;
            Monitor.Pulse(_gate);
        }
        else if (_threads.Count < _maxThreads && !TryStartThread() && _threads.Count == 0)
        {
            while (_work.TryDequeue(out var work))
                ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    /// <summary>Starts one more thread. Returns false when the system has no memory for a thread. A later call tries again.</summary>
    private bool TryStartThread()
    {
        var thread = new Thread(RunWork) { IsBackground = true, Name = $"compute {_threads.Count}" };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            return false;
        }

        _threads.Add(thread);
        return true;
    }

    private void RunWork()
    {
        _current = this;
        while (WaitForWork() is { } work)
            work.Execute();
    }

    /// <summary>Waits for the next work. Returns null after <see cref="Dispose"/> when no work is left.</summary>
    private IThreadPoolWorkItem? WaitForWork()
    {
        lock (_gate)
        {
            IThreadPoolWorkItem? work;
            while (!_work.TryDequeue(out work) && !_isDisposed)
            {
                _idleThreads++;
                Monitor.Wait(_gate);
            }

            return work;
        }
    }
}
