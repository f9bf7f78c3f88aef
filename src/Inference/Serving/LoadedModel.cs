using Inference.Batching;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Serving;

/// <summary>
/// A session with a count of its users: leases, and runs under way. The slot's own share is one of them: once that is given
/// back, the last user disposes the session, and no new lease is given.
/// </summary>
internal sealed class LoadedModel(Model model, IModelSession session, ModelSettings settings, ModelMemory memory, ModelStatistics statistics)
{
    private int _references = 1;
    private BatchQueue? _queue;

    public Model Model { get; } = model;

    public IModelSession Session { get; } = session;

    public ModelMemory Memory { get; } = memory;

    public LoadedDigest? Digest { get; init; }

    public ModelTags Tags { get; } = new(model.Id);

    /// <summary>The permission to share runs. It is the slot's and outlives the session.</summary>
    public BatchContract Contract { get; init; } = BatchContract.Create(settings.Batching, session.Signature);

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Requests that wait and batches that run.</summary>
    public (int Waiting, int Running) Load => Volatile.Read(ref _queue)?.Load ?? default;

    public ModelStatistics Statistics { get; } = statistics;

    /// <summary>Where the requests that this version answers also run, if they named none; null for nowhere.</summary>
    public ModelSlot? Shadow => Memory.Slot.Shadow;

    /// <summary>Whether anyone but the slot holds it.</summary>
    public bool IsInUse => Volatile.Read(ref _references) > 1;

    public bool IsGone => Volatile.Read(ref _references) == 0;

    /// <summary>Where requests wait for this session; the first to ask makes it, and it ends with the session.</summary>
    public BatchQueue Queue(Governor governor, TimeProvider time)
    {
        if (Volatile.Read(ref _queue) is { } queue)
            return queue;
        var slots = Session.ComputesHere ? governor : Governor.OfCalls(settings.Remote?.Concurrency ?? RemoteSettings.DefaultConcurrency);
        var made = new BatchQueue(this, slots, Policy(settings.Batching, Model.Signature), time);
        if (Interlocked.CompareExchange(ref _queue, made, null) is not { } earlier)
            return made;
        made.Dispose();
        return earlier;
    }

    /// <summary>A queue for a run that nobody waits for; for the caller, who holds a lease, to dispose.</summary>
    public BatchQueue BackgroundQueue(Governor governor, TimeProvider time) => new(this, governor, BatchPolicy.Default, time) { IsBackground = true };

    /// <summary>For requests that name no timeout themselves; null for as long as it takes.</summary>
    public TimeSpan? Timeout => settings.Timeouts.Request;

    public BatchingSettings Batching => settings.Batching;

    public VersionPolicy Served => settings.Versions.Serve;

    public bool TryLease(out ModelLease lease)
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                Memory.Used();
                lease = new ModelLease(this);
                return true;
            }

            references = seen;
        }

        lease = null!;
        return false;
    }

    /// <summary>Counts one more user, by someone who knows of another that is not released meanwhile.</summary>
    public void Retain() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
            return;
        try
        {
            _queue?.Dispose();
            Session.Dispose();
        }
        finally
        {
            Memory.Dispose();
        }

        Garbage.Collect();
    }

    /// <summary>Logs that a run has ended the contract.</summary>
    public void ContractEnded() => Logger.BatchContractEnded(Model.Id, Contract.Ending!);

    private static BatchPolicy Policy(BatchingSettings settings, ModelSignature signature) => new()
    {
        MaxBatch = settings.MaxBatch,
        PreferredSizes = settings.PreferredSizes,
        MaxDelay = settings.MaxDelay,
        QueueLimit = settings.QueueLimit ?? BatchPolicy.Default.QueueLimit,
        Padding = Padding.Create(settings, signature),
    };
}
