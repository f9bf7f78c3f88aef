using Inference.Batching;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Serving;

/// <summary>The one way in, for every transport: model, tensors, deadline and cancellation to a prediction.</summary>
public sealed class Predictor(ModelCatalog catalog, Governor governor, TimeProvider time)
{
    /// <summary>
    /// Leases the model (which loads it, the first time), lets the caller's codec read the request against the model,
    /// checks it and runs it.
    /// </summary>
    /// <param name="version">Which one; none in particular is the latest.</param>
    /// <param name="read">Makes the request out of <paramref name="body"/>; throws for what it cannot read.</param>
    /// <exception cref="InferenceException">Any <see cref="InferenceError"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<Prediction> PredictAsync<TBody>(
        ModelName name, VersionSelector version, TBody body, Func<TBody, Model, PredictionRequest> read, CancellationToken cancellationToken)
    {
        using var lease = await catalog.LeaseAsync(name, version, cancellationToken).ConfigureAwait(false);
        using var request = read(body, lease.Model);
        var inputs = RequestCheck.Inputs(lease.Model.Signature, request);
        var outputs = RequestCheck.Outputs(lease.Model.Signature, request);
        var queue = lease.Queue(governor, time);
        var results = (request.Timeout ?? lease.Timeout) is { } timeout
            ? await RunWithinAsync(queue, inputs, outputs, request.Priority, timeout, cancellationToken).ConfigureAwait(false)
            : await queue.RunAsync(inputs, outputs, request.Priority, cancellationToken).ConfigureAwait(false);
        var named = new NamedTensor[results.Length];
        for (var i = 0; i < results.Length; i++)
            named[i] = new NamedTensor(lease.Model.Signature.Outputs[outputs[i]].Name, results[i]);
        return new Prediction(lease.Model, request.Id, named);
    }

    private async Task<Tensor[]> RunWithinAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, int priority, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await queue.RunAsync(inputs, outputs, priority, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new InferenceException(
                InferenceError.DeadlineExceeded, $"The prediction was not made within the {timeout.TotalMilliseconds} ms that it may take.", e);
        }
    }
}
