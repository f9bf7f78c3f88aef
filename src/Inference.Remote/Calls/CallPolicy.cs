using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Inference.Remote.Calls;

/// <summary>
/// Decides when a call is retried, and when no calls are made. A call is retried only if the server has executed nothing. When at least
/// half of the calls show an unhealthy server, a circuit breaker opens, and no calls are made for <see cref="BreakTime"/>. Then a single
/// call tests the server.
/// </summary>
internal sealed class CallPolicy
{
    public const int MaxRetries = 2;

    /// <summary>
    /// The minimum number of calls within <see cref="SamplingTime"/> for the circuit breaker to open. The breaker opens when at least half
    /// of the calls in this time failed.
    /// </summary>
    public const int MinCalls = 5;

    /// <summary>The time over which the circuit breaker counts calls.</summary>
    public static readonly TimeSpan SamplingTime = TimeSpan.FromSeconds(30);

    /// <summary>The time for which an open circuit breaker prevents calls.</summary>
    public static readonly TimeSpan BreakTime = TimeSpan.FromSeconds(5);

    /// <summary>The typical delay before the first retry. The delays grow exponentially, and have a random part.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The longest delay before a retry by this process. If the server requests a longer delay, the call fails, and the error passes the
    /// delay on to the caller.
    /// </summary>
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(2);

    private readonly ResiliencePipeline _pipeline;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly TimeProvider _time;
    private long _openedAt;

    public CallPolicy(TimeProvider time)
    {
        _time = time;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(
            CreateBreakerOptions()).AddRetry(CreateRetryOptions()).Build();
    }

    /// <summary>The time until calls are made again; null while the circuit breaker does not prevent calls.</summary>
    public TimeSpan? RemainingBreakTime
    {
        get
        {
            if (_breaker.CircuitState != CircuitState.Open)
                return null;
            var remaining = BreakTime - _time.GetElapsedTime(Volatile.Read(ref _openedAt));
            return remaining > TimeSpan.Zero ? remaining : null;
        }
    }

    /// <summary>The problem of the last call before the circuit breaker opened; see <see cref="PeerException"/>.</summary>
    public string BreakReason { get; private set; } = "";

    /// <exception cref="BrokenCircuitException">The circuit breaker is open, so no call was made.</exception>
    public ValueTask<T> RunAsync<T, TState>(
        Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(call, state, cancellationToken);

    private static bool IsSafeToRepeat(Exception? exception) => exception is PeerException { Fault: PeerFault.Unreachable }
        || (exception is PeerException { Fault: PeerFault.Unavailable, RetryAfter: { } delay } && delay <= MaxRetryDelay);

    private static RetryStrategyOptions CreateRetryOptions() => new()
    {
        MaxRetryAttempts = MaxRetries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = RetryDelay,
        ShouldHandle = static arguments => ValueTask.FromResult(IsSafeToRepeat(arguments.Outcome.Exception)),
        DelayGenerator = static arguments => ValueTask.FromResult((arguments.Outcome.Exception as PeerException)?.RetryAfter),
    };

    private CircuitBreakerStrategyOptions CreateBreakerOptions() => new()
    {
        MinimumThroughput = MinCalls,
        FailureRatio = 0.5,
        SamplingDuration = SamplingTime,
        BreakDuration = BreakTime,
        StateProvider = _breaker,
        ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is PeerException e && e.Fault.IsServerFault()),
        OnOpened = arguments =>
        {
            BreakReason = arguments.Outcome.Exception?.Message ?? "";
            Volatile.Write(ref _openedAt, _time.GetTimestamp());
            return ValueTask.CompletedTask;
        },
    };
}
