using Inference.Batching;
using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Shadow;
using Inference.Tensors;

namespace Inference;

/// <summary>Runs predictions for all transports, from the model's name and the request's body to the outputs.</summary>
public sealed class Predictor(ModelCatalog catalog, Governor governor, TimeProvider time) : IAsyncDisposable
{
    private readonly ShadowTraffic _shadows = new(governor, time, catalog.Logger);

    /// <summary>
    /// Completes a request according to the model's settings, after the codec of the caller's protocol has read the request. Null leaves
    /// requests unchanged.
    /// </summary>
    public Action<PredictionRequest, Model>? CompleteRequest { get; init; }

    /// <summary>
    /// Leases the model, and loads it first if it is not loaded. Then reads the request with the caller's codec, checks the request, and
    /// runs it.
    /// </summary>
    /// <param name="version">The requested version; a selector without a version leaves the choice to the settings.</param>
    /// <param name="read">Creates the request from <paramref name="body"/>; throws for a body that it cannot read.</param>
    /// <exception cref="InferenceException">Any <see cref="InferenceError"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<Prediction> PredictAsync<TBody>(
        ModelName name, VersionSelector version, TBody body, Func<TBody, Model, PredictionRequest> read,
        CancellationToken cancellationToken)
    {
        var record = new PredictionRecord(name.Value, time);
        (LoadedModel? model, RequestTimeLimit? limit) = (null, null);
        try
        {
            using var lease = await catalog.LeaseAsync(name, version, cancellationToken).ConfigureAwait(false);
            model = lease.Loaded;
            record.RecordLease(model, lease.WasLoaded, time);
            var queue = model.GetQueue(governor, time);
            queue.ThrowIfOverloaded();
            using var request = read(body, model.Model);
            CompleteRequest?.Invoke(request, model.Model);
            using var limitToDispose = limit = CreateLimit(request.Timeout ?? model.Settings.Timeouts.Request, cancellationToken);
            var token = limit?.Token ?? cancellationToken;
            await RunRemainingWorkAsync(model, request, token).ConfigureAwait(false);
            var (inputs, outputs) = CheckRequest(request, model.Model);
            record.RecordInput(time);
            var options = new RequestOptions(request.Priority, limit?.Deadline ?? Deadline.None, record.Trace, request.RowLengths);
            var tensors = RunsItemsSeparately(request, model.Model.Signature, inputs, outputs)
                ? await ItemRuns.RunAsync(queue, model.Model.Signature, inputs, outputs, options, token).ConfigureAwait(false)
                : CreateNamedTensors(
                    await LengthGroups.RunAsync(queue, inputs, outputs, options, token).ConfigureAwait(false), outputs, model.Model);
            OfferToShadow(version, request, model.Model, tensors);
            return new Prediction(model.Model, request.Id, tensors, record.RecordSuccess(model, time));
        }
        catch (Exception e) when (CreateReplacement(e, limit) is { } failure)
        {
            RecordFailure(failure, name, model, record);
            throw failure;
        }
        catch (Exception e) when (RecordFailure(e, name, model, record))
        {
            throw;
        }
    }

    /// <summary>
    /// Leases the model and runs work on a compute slot. The work, such as tokenizing, needs the model's files but does not run the model.
    /// </summary>
    /// <param name="version">The requested version; a selector without a version leaves the choice to the settings.</param>
    /// <param name="work">The work, which stops when its token is cancelled.</param>
    /// <exception cref="InferenceException">Any <see cref="InferenceError"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<T> RunWithModelAsync<TBody, T>(
        ModelName name, VersionSelector version, TBody body, Func<TBody, Model, CancellationToken, T> work,
        CancellationToken cancellationToken)
    {
        using var lease = await catalog.LeaseAsync(name, version, cancellationToken).ConfigureAwait(false);
        var model = lease.Loaded;
        using var limit = CreateLimit(model.Settings.Timeouts.Request, cancellationToken);
        var result = default(T);
        try
        {
            await RunWorkAsync(model, token => result = work(body, model.Model, token), limit?.Token ?? cancellationToken)
                .ConfigureAwait(false);
            return result!;
        }
        catch (OperationCanceledException e) when (limit?.HasExpired == true)
        {
            throw limit.CreateTimeoutError(e);
        }
    }

    /// <summary>
    /// Returns how long requests for a version have waited without the end of a run. Returns zero when no request waits, or when the
    /// version is not loaded.
    /// </summary>
    /// <param name="version">The requested version; a selector without a version leaves the choice to the settings.</param>
    public TimeSpan GetStall(ModelName name, VersionSelector version) =>
        catalog.Find(name)?.Choose(version)?.Loaded?.Stall ?? TimeSpan.Zero;

    /// <summary>Stops the runs of shadow traffic. Call this after the last prediction.</summary>
    public ValueTask DisposeAsync() => _shadows.DisposeAsync();

    /// <summary>
    /// Records a failure. Exception filters call this method, because catching and rethrowing the exception would double the cost of a
    /// refused request.
    /// </summary>
    /// <returns>Always false, so that the exception propagates.</returns>
    private bool RecordFailure(Exception failure, ModelName name, LoadedModel? model, in PredictionRecord record)
    {
        record.RecordFailure(failure, model, model?.Telemetry.Tags ?? catalog.GetTags(name), time);
        return false;
    }

    /// <summary>
    /// Creates the error that replaces the exception of an expired time limit or of a lack of memory. Returns null for other exceptions.
    /// </summary>
    private static InferenceException? CreateReplacement(Exception exception, RequestTimeLimit? limit) => exception switch
    {
        OperationCanceledException cancelled when limit?.HasExpired == true => limit.CreateTimeoutError(cancelled),
        OutOfMemoryException memory => RequestMemory.CreateExhaustedError(memory),
        _ => null,
    };

    /// <summary>Checks a request against the signature and the limits of its model.</summary>
    /// <returns>The inputs in the order of the signature, and the indices of the requested outputs.</returns>
    private static (Tensor[] Inputs, int[] Outputs) CheckRequest(PredictionRequest request, Model model)
    {
        var inputs = RequestCheck.ResolveInputs(model.Signature, request);
        model.Limits?.ThrowIfExceeded(inputs);
        var outputs = RequestCheck.ResolveOutputs(model.Signature, request);
        RequestSize.ThrowIfTooLarge(
            model.Signature, inputs, outputs, runsInGroups: !request.RowLengths.IsDefaultOrEmpty, RequestSize.Limit);
        return (inputs, outputs);
    }

    /// <summary>Whether each item of the request runs separately, because the outputs of the items may differ in size.</summary>
    private static bool RunsItemsSeparately(PredictionRequest request, ModelSignature signature, Tensor[] inputs, int[] outputs) =>
        request.ResponseItems != ResponseItems.UniformShape
        && ItemRuns.OutputsMayDiffer(signature, inputs, outputs, isOneTensor: request.ResponseItems == ResponseItems.OneTensor);

    private void OfferToShadow(VersionSelector version, PredictionRequest request, Model model, NamedTensor[] outputs)
    {
        // Shadow traffic cannot compare outputs whose items differ in size.
        var hasSeparateItems = Array.Exists(outputs, static output => output.Rows is not null);
        if (version.Version is null && !hasSeparateItems && catalog.FindShadow(model.Id) is { } shadow)
            _shadows.Offer(shadow, request, outputs);
    }

    private RequestTimeLimit? CreateLimit(TimeSpan? timeout, CancellationToken cancellationToken) =>
        timeout is { } duration ? new RequestTimeLimit(duration, time, cancellationToken) : null;

    /// <summary>
    /// Runs work on a compute slot. Even after a cancellation, the task completes only when the work has ended. The work reads the body of
    /// the request, and the caller reuses the body's memory afterwards.
    /// </summary>
    private Task RunWorkAsync(LoadedModel model, Action<CancellationToken> work, CancellationToken cancellationToken) =>
        model.GetInputQueue(governor).RunAsync(() => work(cancellationToken), cancellationToken);

    private Task RunRemainingWorkAsync(LoadedModel model, PredictionRequest request, CancellationToken cancellationToken) =>
        request.RemainingWork is null ? Task.CompletedTask : RunWorkAsync(model, request.CompleteInputs, cancellationToken);

    private static NamedTensor[] CreateNamedTensors(Tensor[] results, int[] outputs, Model model)
    {
        var tensors = new NamedTensor[results.Length];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = new NamedTensor(model.Signature.Outputs[outputs[i]].Name, results[i]);
        return tensors;
    }
}
