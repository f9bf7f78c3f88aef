using Inference.Batching;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Shadow;
using Inference.Tensors;

namespace Inference.Serving;

/// <summary>The one way in, for every transport: model, tensors, deadline and cancellation to a prediction.</summary>
public sealed class Predictor(ModelCatalog catalog, Governor governor, TimeProvider time) : IAsyncDisposable
{
    private readonly ShadowTraffic _shadows = new(governor, time, catalog.Logger);

    /// <summary>
    /// Leases the model (which loads it, the first time), lets the caller's codec read the request against the model,
    /// checks it and runs it.
    /// </summary>
    /// <param name="version">Which one; none in particular is the latest.</param>
    /// <param name="read">Makes the request out of <paramref name="body"/>; throws for what it cannot read.</param>
    /// <exception cref="InferenceException">Any <see cref="InferenceError"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<Prediction> PredictAsync<TBody>(
        ModelName name, VersionSelector version, TBody body, Func<TBody, Model, PredictionRequest> read, CancellationToken cancellationToken)
    {
        var started = InferenceMetrics.RequestStarted();
        var trace = PredictionTrace.Start(name);
        ModelTags? tags = null;
        try
        {
            var leasing = catalog.LeaseAsync(name, version, cancellationToken);
            var wasLoaded = leasing.IsCompleted;
            using var lease = await leasing.ConfigureAwait(false);
            tags = lease.Tags;
            InferenceMetrics.Leased(tags, wasLoaded);
            trace?.Leased(lease.Model.Id, wasLoaded);
            var prediction = await PredictAsync(lease, isShadowed: version.Asked is null, body, read, trace, cancellationToken).ConfigureAwait(false);
            InferenceMetrics.RequestEnded(started, tags, ErrorCodes.Ok);
            trace?.Answered();
            return prediction;
        }
        catch (Exception e) when (InferenceMetrics.RequestFailed(started, tags ?? catalog.TagsOf(name), trace, e))
        {
            throw;
        }
    }

    /// <summary>Ends what still runs in the background. Nothing is predicted after that.</summary>
    public ValueTask DisposeAsync() => _shadows.DisposeAsync();

    private async ValueTask<Prediction> PredictAsync<TBody>(
        ModelLease lease, bool isShadowed, TBody body, Func<TBody, Model, PredictionRequest> read, PredictionTrace? trace, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var queue = lease.Queue(governor, time);
            queue.RefuseUnread();
            using var request = read(body, lease.Model);
            var inputs = RequestCheck.Inputs(lease.Model.Signature, request);
            var outputs = RequestCheck.Outputs(lease.Model.Signature, request);
            trace?.Parsed();
            var terms = new RunTerms(request.Priority, Trace: trace);
            var results = (request.Timeout ?? lease.Timeout) is { } timeout
                ? await RunWithinAsync(queue, inputs, outputs, terms, timeout, cancellationToken).ConfigureAwait(false)
                : await queue.RunAsync(inputs, outputs, terms, cancellationToken).ConfigureAwait(false);
            var named = new NamedTensor[results.Length];
            for (var i = 0; i < results.Length; i++)
                named[i] = new NamedTensor(lease.Model.Signature.Outputs[outputs[i]].Name, results[i]);
            if (isShadowed && lease.Shadow is { } shadow)
                _shadows.Offer(shadow, request, named);
            lease.Statistics.Succeeded(started);
            return new Prediction(lease.Model, request.Id, named, trace);
        }
        catch when (lease.Statistics.Failed(started))
        {
            throw;
        }
    }

    private async Task<Tensor[]> RunWithinAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, RunTerms terms, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deadline = time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency);
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await queue.RunAsync(inputs, outputs, terms with { Deadline = deadline }, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new InferenceException(
                InferenceError.DeadlineExceeded, $"The prediction was not made within the {timeout.TotalMilliseconds} ms that it may take.", e);
        }
    }
}
