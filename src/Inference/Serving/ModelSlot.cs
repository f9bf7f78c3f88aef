using System.Collections.Immutable;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Serving;

/// <summary>The place of one version of one model: not loaded, loading, ready, or failed a moment ago.</summary>
internal sealed class ModelSlot(ModelVersion version, IModelStore store, IModelRuntime runtime, TimeProvider time, ILogger logger)
{
    /// <summary>How long a failed load is answered from memory, so that a broken model does not burn the processor.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private volatile LoadedModel? _loaded;
    private SharedTask<LoadedModel>? _loading;
    private InferenceException? _failure;
    private DateTimeOffset _failureEnds;
    private bool _closed;

    public ModelVersion Version { get; } = version;

    /// <summary>The last load failed, and what was remembered of it no longer counts.</summary>
    public bool IsStale
    {
        get
        {
            lock (_gate)
                return _failure is not null && time.GetUtcNow() >= _failureEnds;
        }
    }

    public ModelStatus Status
    {
        get
        {
            lock (_gate)
            {
                return _loaded is not null ? new ModelStatus(Version, ModelState.Ready, null)
                    : _loading is { IsCompleted: false } ? new ModelStatus(Version, ModelState.Loading, null)
                    : _failure is not null ? new ModelStatus(Version, ModelState.Failed, _failure.Message)
                    : new ModelStatus(Version, ModelState.Available, null);
            }
        }
    }

    public async ValueTask<ModelLease> LeaseAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_loaded is { } ready && ready.TryLease(out var lease))
                return lease;
            var loaded = await JoinLoad().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (loaded.TryLease(out lease))
                return lease;
        }
    }

    /// <summary>Stops a load under way and gives the slot's share of the session back. Nothing is leased from here after that.</summary>
    public async Task CloseAsync()
    {
        SharedTask<LoadedModel>? loading;
        lock (_gate)
        {
            _closed = true;
            loading = _loading;
        }

        if (loading is not null)
            await loading.StopAsync().ConfigureAwait(false);
        Interlocked.Exchange(ref _loaded, null)?.Release();
    }

    private SharedTask<LoadedModel> JoinLoad()
    {
        lock (_gate)
        {
            if (_closed)
                throw InferenceException.Stopping();
            var remaining = _failureEnds - time.GetUtcNow();
            if (_failure is not null && remaining > TimeSpan.Zero)
                throw new InferenceException(_failure.Error, _failure.Message, _failure) { RetryAfter = remaining };
            if (_loading is { } current && (!current.IsCompleted || _loaded is not null) && current.TryJoin())
                return current;

            _failure = null;
            _loading = new SharedTask<LoadedModel>(LoadAsync, after: _loading);
            _loading.TryJoin();
            return _loading;
        }
    }

    private async Task<LoadedModel> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A load that everyone left may have finished all the same.
            if (_loaded is { } already)
                return already;
            var started = time.GetTimestamp();
            var loaded = await OpenAsync(cancellationToken).ConfigureAwait(false);
            _loaded = loaded;
            logger.ModelLoaded(Version.Id, (long)time.GetElapsedTime(started).TotalMilliseconds, Version.Size);
            return loaded;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            throw Remember(e);
        }
    }

    private async Task<LoadedModel> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var files = await store.FetchAsync(Version, cancellationToken).ConfigureAwait(false);
        var labels = await ReadLabelsAsync(files.LabelsPath, cancellationToken).ConfigureAwait(false);
        var session = await runtime.LoadAsync(Version.Id, files, cancellationToken).ConfigureAwait(false);
        var model = new Model(Version.Id, session.Signature, labels);
        if (!labels.IsEmpty && !session.Signature.Outputs.Any(model.HasLabelsFor))
            logger.LabelsFitNoOutput(Version.Id, labels.Length);
        return new LoadedModel(model, session);
    }

    private static async Task<ImmutableArray<string>> ReadLabelsAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null)
            return [];
        var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        // Editors leave blank lines at the end; a blank line between others counts.
        return [.. text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];
    }

    private InferenceException Remember(Exception exception)
    {
        var failure = exception as InferenceException
            ?? new InferenceException(InferenceError.ModelUnavailable, $"Model {Version.Id} could not be loaded: {exception.Message}", exception);
        logger.ModelLoadFailed(exception, Version.Id, failure.Message);
        lock (_gate)
        {
            _failure = failure;
            _failureEnds = time.GetUtcNow() + (failure.RetryAfter ?? FailureMemory);
        }

        return new InferenceException(failure.Error, failure.Message, failure) { RetryAfter = failure.RetryAfter ?? FailureMemory };
    }
}
