using Inference.Models;
using Inference.Models.Settings.Remote;
using Inference.Remote.Calls;
using Inference.Tensors;
using Polly.CircuitBreaker;

namespace Inference.Remote;

/// <summary>
/// A model on a remote server. Converts the server's failures (<see cref="PeerException"/>) to errors for callers
/// (<see cref="InferenceException"/>).
/// </summary>
internal sealed class RemoteSession(ModelId id, RemoteSettings settings, IRemoteProtocol protocol, RemoteModel model, TimeProvider time)
    : IModelSession
{
    private readonly CallPolicy _policy = new(time);
    private readonly PeerHealth _health = new(time);

    public ModelSignature Signature => model.Signature;

    public ExecutionPlan Plan { get; } = ExecutionPlan.Default with { MaxBatch = model.MaxBatch ?? ExecutionPlan.Default.MaxBatch };

    public bool ComputesInProcess => false;

    public InferenceException? KnownFault => _policy.RemainingBreakTime is { } remaining ? CreateCircuitOpenError(remaining, inner: null)
        : _health.Failure is { } failure ? CreateError(id, settings, failure, InferenceError.ModelUnavailable)
        : null;

    public async Task<InferenceException?> CheckAsync(CancellationToken cancellationToken)
    {
        if (_policy.RemainingBreakTime is { } remaining)
            return CreateCircuitOpenError(remaining, inner: null);
        return await _health.CheckAsync(protocol.ProbeAsync, cancellationToken).ConfigureAwait(false) is { } failure
            ? CreateError(id, settings, failure, InferenceError.ModelUnavailable)
            : null;
    }

    public async ValueTask<Tensor[]> RunAsync(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
    {
        var timeout = deadline.RemainingTime is { } remaining && remaining < settings.Timeout ? remaining : settings.Timeout;
        using var limit = new CancellationTokenSource(settings.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var results =
                await _policy.RunAsync(CallAsync, new Call(inputs, outputs, timeout, limit.Token), linked.Token).ConfigureAwait(false);
            _health.RecordSuccess();
            return results;
        }
        catch (PeerException e)
        {
            if (e.Fault.IsServerFault())
                _health.Invalidate();
            throw CreateError(id, settings, e);
        }
        catch (BrokenCircuitException e)
        {
            throw CreateCircuitOpenError(_policy.RemainingBreakTime ?? CallPolicy.BreakTime, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CreateError(id, settings, CreateTimeoutError(settings, e));
        }
    }

    public ValueTask DisposeAsync()
    {
        protocol.Dispose();
        _health.Dispose();
        return ValueTask.CompletedTask;
    }

    public static PeerException CreateTimeoutError(RemoteSettings settings, Exception inner) =>
        new(PeerFault.TimedOut, $"did not respond within the {settings.Timeout.TotalMilliseconds} ms of remote.timeout.", inner);

    public static InferenceException CreateError(ModelId id, RemoteSettings settings, PeerException failure) =>
        CreateError(id, settings, failure, failure.Fault.ToError());

    private static InferenceException CreateError(ModelId id, RemoteSettings settings, PeerException failure, InferenceError error) =>
        new(error, $"The server {settings.Url.GetLeftPart(UriPartial.Path)} of model {id} {failure.Message}", failure)
        {
            RetryAfter = failure.RetryAfter,
            Reason = error == InferenceError.ModelUnavailable ? ErrorReason.RemoteUnavailable : ErrorReason.None,
        };

    private async ValueTask<Tensor[]> CallAsync(Call call, CancellationToken cancellationToken)
    {
        try
        {
            return await protocol.RunAsync(Signature, call.Inputs, call.Outputs, call.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (call.Limit.IsCancellationRequested)
        {
            // The timeout is converted here, so that the circuit breaker counts the call as failed. A server that hangs is not healthy.
            throw CreateTimeoutError(settings, e);
        }
        catch (PeerException e) when (e.Fault == PeerFault.TimedOut && call.Timeout < settings.Timeout)
        {
            // The caller's deadline caused the timeout, so the timeout does not show that the server is unhealthy.
            throw new PeerException(PeerFault.CallerTimedOut, e.Message, e);
        }
    }

    private InferenceException CreateCircuitOpenError(TimeSpan remaining, Exception? inner) => new(
        InferenceError.ModelUnavailable,
        $"The server {settings.Url.GetLeftPart(UriPartial.Path)} of model {id} {_policy.BreakReason} Most of the last calls failed, so "
        + "this server pauses its calls for a moment.", inner)
    {
        RetryAfter = remaining,
        Reason = ErrorReason.RemoteUnavailable,
    };

    /// <param name="Timeout">The timeout to send to the server.</param>
    /// <param name="Limit">The token that is cancelled when <c>remote.timeout</c> has expired.</param>
    private readonly record struct Call(
        IReadOnlyList<Tensor> Inputs, IReadOnlyList<int> Outputs, TimeSpan Timeout, CancellationToken Limit);
}
