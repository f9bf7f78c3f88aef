using Inference.Models;

namespace Inference.Compute;

/// <summary>Limits the time of each phase of a piece of work, such as the load and the warm-up of a model.</summary>
internal sealed class PhaseLimit : IDisposable
{
    private readonly ModelId _id;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _source;
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;
    private ITimer? _timer;
    private volatile InferenceException? _failure;

    public PhaseLimit(ModelId id, TimeProvider time, CancellationToken cancellationToken)
    {
        (_id, _time, Started) = (id, time, time.GetTimestamp());
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _source.Token;
        _registration = Token.UnsafeRegister(static cancelled => ((TaskCompletionSource)cancelled!).TrySetResult(), _cancelled);
    }

    /// <summary>The token that is cancelled when a phase has taken too long or when the work was cancelled.</summary>
    public CancellationToken Token { get; }

    /// <summary>Completes when <see cref="Token"/> is cancelled.</summary>
    public Task Cancelled => _cancelled.Task;

    /// <summary>The failure of a phase that took too long; null otherwise.</summary>
    public InferenceException? Failure => _failure;

    /// <summary>The name of the phase: a noun, such as "warm-up".</summary>
    public string Phase { get; private set; } = "load";

    /// <summary>The timestamp at which the phase began.</summary>
    public long Started { get; private set; }

    /// <summary>Begins a phase and its time limit. The previous phase ends.</summary>
    /// <param name="setting">The key of the limit in model.json, for the error message.</param>
    public void Enter(string phase, TimeSpan limit, string setting)
    {
        _timer?.Dispose();
        (Phase, Started) = (phase, _time.GetTimestamp());
        _timer = _time.CreateTimer(_ => FailPhase(phase, limit, setting), null, limit, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _registration.Dispose();
        _source.Dispose();
    }

    private void FailPhase(string phase, TimeSpan limit, string setting)
    {
        _failure = new InferenceException(
            InferenceError.ModelUnavailable,
            $"The {phase} of model {_id} took longer than {limit.TotalSeconds} s, the limit in \"{setting}\". If the model needs more "
            + $"time, raise \"{setting}\" in model.json.");
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work has ended in the meantime, so no token needs to be cancelled.
        }
    }
}
