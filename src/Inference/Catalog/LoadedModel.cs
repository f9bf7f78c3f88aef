using Inference.Batching;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;

namespace Inference.Catalog;

/// <summary>A loaded version: its session, the settings of its load, its memory, and the queue of its requests.</summary>
internal sealed class LoadedModel
{
    /// <summary>
    /// The maximum number of waiting jobs that convert images and texts to inputs. The expected wait of a job is also limited, to one
    /// second.
    /// </summary>
    private const int MaxWaitingJobs = 256;

    private BatchQueue? _queue;
    private WorkQueue? _inputQueue;

    /// <param name="session">The session, disposed when all users have released the model.</param>
    /// <param name="memory">The reserved memory, released after the session was disposed.</param>
    public LoadedModel(Model model, IModelSession session, ModelSettings settings, ModelMemory memory, ModelTelemetry telemetry)
    {
        (Model, Settings, Memory, Telemetry) = (model, settings, memory, telemetry);
        Shared = new SharedSession(session, DisposeParts);
    }

    public Model Model { get; }

    /// <summary>The warnings about the files of the version, and about settings that have no effect on its model.</summary>
    public IEnumerable<FileProblem> Warnings =>
        (Model.LabelProblem is null ? Model.Warnings : Model.Warnings.Add(Model.LabelProblem))
        .Concat(PaddingCheck.FindIgnored(Settings.Batching, Session.Signature, Session.BatchVerdict.PaddingObstacle));

    public SharedSession Shared { get; }

    public IModelSession Session => Shared.Session;

    public ModelMemory Memory { get; }

    public ModelTelemetry Telemetry { get; }

    public LoadedDigest? Digest { get; init; }

    /// <summary>The private copy of the files that the session has mapped, disposed after the session; null for none.</summary>
    public IDisposable? Copy { get; init; }

    /// <summary>
    /// The contract that decides whether requests share runs. The contract outlives the session, because the <see cref="ModelSlot"/> passes
    /// the contract to the next load.
    /// </summary>
    public required BatchContract Contract { get; init; }

    /// <summary>The numbers of waiting requests, of running batches, and of the running batches that were cancelled.</summary>
    public (int Waiting, int Running, int Cancelled) QueueLoad => Volatile.Read(ref _queue)?.Counts ?? default;

    /// <summary>How long requests have waited without the end of a run; zero when no request waits.</summary>
    public TimeSpan Stall => Volatile.Read(ref _queue)?.Stall ?? TimeSpan.Zero;

    /// <summary>The settings of the load.</summary>
    public ModelSettings Settings { get; }

    /// <summary>Whether the model has users other than its <see cref="ModelSlot"/>, such as leases and running batches.</summary>
    public bool IsInUse => Shared.Users > 1;

    /// <summary>Whether all users have released the model.</summary>
    public bool IsReleased => Shared.Users == 0;

    /// <summary>Completes when the session was disposed and the memory was released. The task never fails.</summary>
    public Task Ended => Shared.Ended;

    /// <summary><see cref="Ended"/> after all users have released the model; a completed task while the model has users.</summary>
    public Task EndedIfReleased => IsReleased ? Ended : Task.CompletedTask;

    /// <summary>
    /// Returns the queue of the requests for this session. The first call creates the queue, which ends with the session.
    /// </summary>
    public BatchQueue GetQueue(Governor governor, TimeProvider time)
    {
        if (Volatile.Read(ref _queue) is { } queue)
            return queue;
        var slots = Session.ComputesInProcess ? governor
            : Governor.ForRemoteCalls(Settings.Remote?.Concurrency ?? RemoteSettings.DefaultConcurrency);
        var created = new BatchQueue(Shared, CreatePolicy(), Telemetry, slots, time);
        if (Interlocked.CompareExchange(ref _queue, created, null) is not { } existing)
            return created;
        created.Dispose();
        return existing;
    }

    /// <summary>Returns the queue of the jobs that convert images and texts to inputs.</summary>
    public WorkQueue GetInputQueue(Governor governor)
    {
        if (Volatile.Read(ref _inputQueue) is { } queue)
            return queue;
        var created = new WorkQueue(governor) { MaxWaiting = MaxWaitingJobs };
        return Interlocked.CompareExchange(ref _inputQueue, created, null) ?? created;
    }

    /// <summary>Creates a queue for a run that no request waits for. The caller holds a lease and disposes the queue.</summary>
    public BatchQueue CreateBackgroundQueue(Governor governor, TimeProvider time) =>
        new(Shared, BatchPolicy.Default with { Contract = Contract }, Telemetry, governor, time) { IsBackground = true };

    /// <summary>Adds a user, unless all users have released the model.</summary>
    public bool TryRetain()
    {
        if (!Shared.TryRetain())
            return false;
        Memory.RecordUse();
        return true;
    }

    public void Release() => Shared.Release();

    /// <summary>
    /// Ends the use of the model by its <see cref="ModelSlot"/>. If the model has no other users, waits until its memory was freed, within
    /// the time limits.
    /// </summary>
    public Task ReleaseAsync(TimeLimits limits)
    {
        Release();
        return limits.WaitAsync(EndedIfReleased);
    }

    private void DisposeParts(Exception? failure)
    {
        if (failure is not null)
            Telemetry.LogDisposeFailure(failure);
        _queue?.Dispose();
        Contract.Detach();
        Copy?.Dispose();
        Memory.Dispose();
        GarbageCollection.StartIfWorthwhile();
    }

    private BatchPolicy CreatePolicy() => new()
    {
        Contract = Contract,
        MaxBatch = Settings.Batching.MaxBatch,
        PreferredSizes = Settings.Batching.PreferredSizes,
        MaxDelay = Settings.Batching.MaxDelay,
        QueueLimit = Settings.Batching.QueueLimit ?? BatchPolicy.Default.QueueLimit,
        Padding = Padding.Create(Settings.Batching, Model.Signature, Session),
    };
}
