using System.Collections.Concurrent;
using Inference.Batching;
using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Shadow;

/// <summary>
/// Repeats requests on a second version, the shadow, and compares the results. No caller waits for a repetition. At most
/// <see cref="MaxWaiting"/> copies of requests wait per shadow, and further copies are dropped. Each shadow runs one copy at a time, as
/// background work on the compute slots. Differences and failures are counted, and logged at most once a minute per model.
/// </summary>
internal sealed class ShadowTraffic(Governor governor, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>The maximum number of waiting copies per shadow.</summary>
    public const int MaxWaiting = 4;

    /// <summary>The maximum number of bytes of all copies together.</summary>
    public const long MaxBytes = 64 << 20;

    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    /// <summary>The timestamp of the last log message about each model.</summary>
    private readonly ConcurrentDictionary<ModelName, long> _lastLogged = new();

    /// <summary>The shadows with waiting or running copies. Guarded by the gate.</summary>
    private readonly Dictionary<ShadowTarget, ShadowQueue> _queues = [];
    /// <summary>The number of bytes of all copies. Guarded by the gate.</summary>
    private long _bytes;
    private bool _isDisposed;

    /// <summary>Copies a request and its response, if there is room for them. The caller remains the owner of both.</summary>
    public void Offer(ShadowTarget shadow, PredictionRequest request, IReadOnlyList<NamedTensor> response)
    {
        var size = ShadowRun.SizeOf(request, response);
        if (!TryReserve(shadow, size))
        {
            shadow.Counts.AddDropped();
            return;
        }

        if (ShadowRun.TryCreate(request, response) is not { } run)
        {
            lock (_gate)
                _bytes -= size;
            shadow.Counts.AddDropped();
            return;
        }

        lock (_gate)
        {
            if (!_isDisposed)
            {
                if (!_queues.TryGetValue(shadow, out var shadowQueue))
                {
                    _queues.Add(shadow, shadowQueue = new ShadowQueue());
                    shadowQueue.Worker = Task.Run(() => DrainAsync(shadow, shadowQueue));
                }

                shadowQueue.Waiting.Enqueue(run);
                return;
            }
        }

        run.Dispose();
    }

    /// <summary>Cancels the run in progress and drops the waiting copies.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] workers;
        lock (_gate)
        {
            _isDisposed = true;
            workers = [.. _queues.Values.Select(shadowQueue => shadowQueue.Worker)];
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(workers).ConfigureAwait(false);
        _stop.Dispose();
    }

    private bool TryReserve(ShadowTarget shadow, long bytes)
    {
        // If the shadow does not fit into the free memory, its copies would wait without a chance to run.
        if (!shadow.Slot.IsReady && !shadow.Slot.HasRoom)
            return false;
        lock (_gate)
        {
            if (_isDisposed || _bytes + bytes > MaxBytes
                || (_queues.TryGetValue(shadow, out var shadowQueue) && shadowQueue.Waiting.Count >= MaxWaiting))
            {
                return false;
            }

            _bytes += bytes;
            return true;
        }
    }

    private async Task DrainAsync(ShadowTarget shadow, ShadowQueue shadowQueue)
    {
        while (TryDequeue(shadow, shadowQueue, out var run))
        {
            using (run)
                await CompareAsync(shadow, run).ConfigureAwait(false);
            lock (_gate)
                _bytes -= run.Size;
        }
    }

    private bool TryDequeue(ShadowTarget shadow, ShadowQueue shadowQueue, out ShadowRun run)
    {
        lock (_gate)
        {
            if (shadowQueue.Waiting.TryDequeue(out run!))
                return true;
            _queues.Remove(shadow);
            return false;
        }
    }

    private async Task CompareAsync(ShadowTarget shadow, ShadowRun run)
    {
        if (_stop.IsCancellationRequested)
            return;
        var counts = shadow.Counts;
        var now = time.GetTimestamp();
        try
        {
            var areAlike = await RunAsync(shadow, run).ConfigureAwait(false);
            if (!areAlike && ShouldLog(shadow, now))
            {
                logger.ShadowDiffers(
                    shadow.Slot.Id, counts.Different, counts.Compared, counts.LargestDifference, counts.Failed, counts.Dropped);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception e)
        {
            // The failure must not prevent later runs, and there is no caller to receive it.
            counts.AddFailed();
            if (ShouldLog(shadow, now))
                logger.ShadowFailed(e, shadow.Slot.Id, counts.Failed, e.Message);
        }
    }

    /// <summary>Runs the copy on the shadow. Returns true when the results agree, or when the shadow was removed in the meantime.</summary>
    private async Task<bool> RunAsync(ShadowTarget shadow, ShadowRun run)
    {
        using var lease = await shadow.Slot.LeaseAsync(shadow.Settings, _stop.Token).ConfigureAwait(false);
        if (lease is null)
            return true;
        var signature = lease.Model.Signature;
        var inputs = RequestCheck.ResolveInputs(signature, run.Request);
        lease.Model.Limits?.ThrowIfExceeded(inputs);
        var outputs = RequestCheck.ResolveOutputs(signature, run.Request);
        using var queue = lease.Loaded.CreateBackgroundQueue(governor, time);
        var results =
            await LengthGroups.RunAsync(queue, inputs, outputs, new RequestOptions { RowLengths = run.Request.RowLengths }, _stop.Token)
            .ConfigureAwait(false);
        try
        {
            var named = outputs.Select((output, i) => new NamedTensor(signature.Outputs[output].Name, results[i])).ToList();
            var areAlike = ShadowComparison.AreAlike(named, run.Outputs, out var largest);
            shadow.Counts.AddCompared(areAlike, largest);
            return areAlike;
        }
        finally
        {
            results.DisposeAll();
        }
    }

    private bool ShouldLog(ShadowTarget shadow, long now)
    {
        var name = shadow.Slot.Id.Name;
        if (_lastLogged.TryGetValue(name, out var last) && time.GetElapsedTime(last, now) < LogInterval)
            return false;
        _lastLogged[name] = now;
        return true;
    }

    private sealed class ShadowQueue
    {
        public Queue<ShadowRun> Waiting { get; } = new();

        public Task Worker { get; set; } = Task.CompletedTask;
    }
}
