using System.Collections.Concurrent;

namespace Inference.Serving;

/// <summary>
/// The compute slots that all models share: as many threads as the process may use processors, each running one model at
/// a time, so that runs never compete for a processor. Runs wait in one bounded queue.
/// </summary>
public sealed class Governor : IDisposable
{
    /// <summary>At a millisecond a run this is about a second of waiting on one slot; a longer queue only hides overload.</summary>
    private const int QueueLimit = 1024;

    private readonly BlockingCollection<Run> _queue = new(QueueLimit);
    private readonly Thread[] _threads;

    /// <param name="slots">Null: <see cref="Environment.ProcessorCount"/>, which honours a container's quota.</param>
    public Governor(int? slots = null)
    {
        _threads = new Thread[slots ?? Environment.ProcessorCount];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"compute {i}" };
            _threads[i].Start();
        }
    }

    public int Slots => _threads.Length;

    /// <summary>Runs <paramref name="work"/> on a slot. A run whose token fires while it waits is never started.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: the queue is full.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var run = new Run<T>(work, cancellationToken);
        if (!_queue.TryAdd(run, 0, CancellationToken.None))
        {
            run.Abandon();
            throw new InferenceException(InferenceError.Overloaded, $"{QueueLimit} runs are waiting already: try again later.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        return run.Task;
    }

    /// <summary>Finishes what is queued, then ends the threads.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        foreach (var thread in _threads)
            thread.Join();
        _queue.Dispose();
    }

    private void Work()
    {
        foreach (var run in _queue.GetConsumingEnumerable())
            run.Execute();
    }

    private abstract class Run
    {
        public abstract void Execute();
    }

    private sealed class Run<T> : Run
    {
        // Continuations elsewhere: a slot computes, it does not write responses.
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Func<T> _work;
        private readonly CancellationTokenRegistration _registration;
        private int _taken;

        public Run(Func<T> work, CancellationToken cancellationToken)
        {
            _work = work;
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((Run<T>)state!).Cancel(token), this);
        }

        public Task<T> Task => _completion.Task;

        public override void Execute()
        {
            if (Interlocked.Exchange(ref _taken, 1) != 0)
                return;
            _registration.Unregister();
            try
            {
                _completion.SetResult(_work());
            }
            catch (OperationCanceledException e)
            {
                _completion.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                _completion.SetException(e);
            }
        }

        public void Abandon() => _registration.Unregister();

        private void Cancel(CancellationToken token)
        {
            if (Interlocked.Exchange(ref _taken, 1) == 0)
                _completion.SetCanceled(token);
        }
    }
}
