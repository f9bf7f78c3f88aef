using Inference.Batching;
using Inference.Catalog;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Requests;
using Inference.Shadow;
using Inference.Tensors;

namespace Inference;

/// <summary>The one way in, for every transport: model, tensors, deadline and cancellation to a prediction.</summary>
public sealed class Predictor(ModelCatalog catalog, Governor governor, TimeProvider time) : IAsyncDisposable
{
    private readonly ShadowTraffic _shadows = new(governor, time, catalog.Logger);

    /// <summary>The bytes that the inputs and outputs of one request may take, as far as they are known before it runs.</summary>
    internal long MaxRequestBytes { get; init; } = RequestSize.DefaultLimit;

    /// <summary>Finishes a request that its codec has read, as the settings of its model say. Null leaves requests as they are.</summary>
    public Action<PredictionRequest, Model>? Complete { get; init; }

    /// <summary>
    /// Leases the model (which loads it, the first time), lets the caller's codec read the request against the model,
    /// checks it and runs it.
    /// </summary>
    /// <param name="version">Which one; none in particular is the latest.</param>
    /// <param name="read">Makes the request out of <paramref name="body"/>; throws for what it cannot read.</param>
    /// <exception cref="InferenceException">Any <see cref="InferenceError"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<Prediction> PredictAsync<TBody>(
        ModelName name, VersionSelector version, TBody body, Func<TBody, Model, PredictionRequest> read,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        InferenceMetrics.RequestStarted();
        var trace = PredictionTrace.Start(name.Value);
        LoadedModel? model = null;
        var leased = started;
        try
        {
            var leasing = catalog.LeaseAsync(name, version, cancellationToken);
            var wasLoaded = leasing.IsCompleted;
            using var lease = await leasing.ConfigureAwait(false);
            model = lease.Loaded;
            leased = wasLoaded ? started : time.GetTimestamp();
            InferenceMetrics.Leased(model.Telemetry.Tags, wasLoaded);
            trace?.Leased(model.Model.Id.Version, wasLoaded);
            var queue = model.Queue(governor, time);
            queue.ThrowIfOverloaded();
            using var request = read(body, model.Model);
            Complete?.Invoke(request, model.Model);
            using var limit = (request.Timeout ?? model.Timeout) is { } timeout ? new RequestTime(timeout, time, cancellationToken) : null;
            if (request.Work is not null)
                await RunWorkAsync(model.InputWork(governor), request.CompleteInputs, limit, cancellationToken).ConfigureAwait(false);
            var inputs = RequestCheck.Inputs(model.Model.Signature, request);
            model.Model.Limits?.ThrowIfExceeded(inputs);
            var outputs = RequestCheck.Outputs(model.Model.Signature, request);
            RequestSize.ThrowIfAbove(model.Model.Signature, inputs, outputs, MaxRequestBytes);
            trace?.Parsed();
            var terms = new RunTerms(request.Priority, Trace: trace, RowLengths: request.RowLengths);
            var named = request.AnswerItems != AnswerItems.Alike
                && ItemRuns.MayDiffer(model.Model.Signature, inputs, outputs, refuse: request.AnswerItems == AnswerItems.OneTensor)
                ? await RunItemsAsync(queue, model.Model.Signature, inputs, outputs, terms, limit, cancellationToken).ConfigureAwait(false)
                : Name(await RunAsync(queue, inputs, outputs, terms, limit, cancellationToken)
                    .ConfigureAwait(false), outputs, model.Model.Signature);
            // Outputs whose items differ in size are compared with nothing.
            var isApart = Array.Exists(named, static output => output.Rows is not null);
            if (version.Asked is null && !isApart && catalog.ShadowOf(model.Model.Id) is { } shadow)
                _shadows.Offer(shadow, request, named);
            var ended = time.GetTimestamp();
            model.Telemetry.Statistics.Succeeded(leased, ended);
            InferenceMetrics.RequestEnded(model.Telemetry.Tags, ErrorCodes.Ok, time.GetElapsedTime(started, ended));
            trace?.Answered();
            return new Prediction(model.Model, request.Id, named, trace);
        }
        catch (OutOfMemoryException e)
        {
            var overloaded = RequestMemory.Refuse(e);
            Failed(overloaded, name, model, started, leased, trace);
            throw overloaded;
        }
        catch (Exception e) when (Failed(e, name, model, started, leased, trace))
        {
            throw;
        }
    }

    /// <summary>
    /// Leases the model and runs work that needs its files but no run of it, such as tokenizing, on a compute slot.
    /// </summary>
    /// <param name="version">The version; none in particular is the latest.</param>
    /// <param name="work">Stops when its token is cancelled.</param>
    /// <exception cref="InferenceException">Any <see cref="InferenceError"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<T> WorkAsync<TBody, T>(
        ModelName name, VersionSelector version, TBody body, Func<TBody, Model, CancellationToken, T> work,
        CancellationToken cancellationToken)
    {
        using var lease = await catalog.LeaseAsync(name, version, cancellationToken).ConfigureAwait(false);
        var model = lease.Loaded;
        using var limit = model.Timeout is { } timeout ? new RequestTime(timeout, time, cancellationToken) : null;
        var result = default(T);
        await RunWorkAsync(model.InputWork(governor), token => result = work(body, model.Model, token), limit, cancellationToken)
            .ConfigureAwait(false);
        return result!;
    }

    /// <summary>Ends what still runs in the background. Nothing is predicted after that.</summary>
    public ValueTask DisposeAsync() => _shadows.DisposeAsync();

    /// <summary>
    /// For a filter of exceptions: to catch this one and throw it once more would cost as much as refusing a request does.
    /// </summary>
    /// <returns>Never true.</returns>
    private bool Failed(Exception failure, ModelName name, LoadedModel? model, long started, long leased, PredictionTrace? trace)
    {
        var ended = time.GetTimestamp();
        model?.Telemetry.Statistics.Failed(leased, ended);
        InferenceMetrics.RequestEnded(
            model?.Telemetry.Tags ?? catalog.TagsOf(name), ErrorCodes.Of(failure), time.GetElapsedTime(started, ended));
        trace?.Failed(failure);
        return false;
    }

    /// <summary>Runs work on a compute slot. The task ends when the work does not read the body any more.</summary>
    private static async Task RunWorkAsync(
        WorkQueue queue, Action<CancellationToken> work, RequestTime? limit, CancellationToken cancellationToken)
    {
        var token = limit?.Token ?? cancellationToken;
        try
        {
            await queue.RunAsync(() => work(token), token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (limit?.IsOver == true)
        {
            throw limit.Exceeded(e);
        }
    }

    private static ValueTask<Tensor[]> RunAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, RunTerms terms, RequestTime? limit, CancellationToken cancellationToken) =>
        limit is not null
            ? RunWithinAsync(queue, inputs, outputs, terms with { Deadline = limit.Deadline }, limit)
            : LengthGroups.RunAsync(queue, inputs, outputs, terms, cancellationToken);

    private static async ValueTask<Tensor[]> RunWithinAsync(
        BatchQueue queue, Tensor[] inputs, int[] outputs, RunTerms terms, RequestTime limit)
    {
        try
        {
            return await LengthGroups.RunAsync(queue, inputs, outputs, terms, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (limit.IsOver)
        {
            throw limit.Exceeded(e);
        }
    }

    private static async Task<NamedTensor[]> RunItemsAsync(
        BatchQueue queue,
        ModelSignature signature,
        Tensor[] inputs,
        int[] outputs,
        RunTerms terms,
        RequestTime? limit,
        CancellationToken cancellationToken)
    {
        try
        {
            if (limit is not null)
                terms = terms with { Deadline = limit.Deadline };
            return await ItemRuns.RunAsync(queue, signature, inputs, outputs, terms, limit?.Token ?? cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (limit?.IsOver == true)
        {
            throw limit.Exceeded(e);
        }
    }

    private static NamedTensor[] Name(Tensor[] results, int[] outputs, ModelSignature signature)
    {
        var named = new NamedTensor[results.Length];
        for (var i = 0; i < named.Length; i++)
            named[i] = new NamedTensor(signature.Outputs[outputs[i]].Name, results[i]);
        return named;
    }
}
