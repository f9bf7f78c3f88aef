namespace Inference.Compute;

/// <summary>
/// The compute slots that all models share: one for each processor that the process may use, so that runs never compete for a processor. A
/// free slot is granted to the model that has used the least slot time (start-time fair queueing: Goyal, Vin, Cheng 1996). A model with
/// long runs therefore gets no more of the processors than a model with short runs. A model forms its batch only when it gets a slot.
/// </summary>
public sealed partial class Governor : IDisposable
{
    /// <summary>
    /// The handicap of background work, as slot time in ticks. A client with background work waits for slots as if it had used this much
    /// more slot time. Background work starts at once while enough slots are free, and never waits forever.
    /// </summary>
    private static readonly double BackgroundHandicap = TimeSpan.FromSeconds(1).Ticks;

    private readonly Lock _gate = new();

    /// <summary>The clients whose work waits for a slot. Each client is in the queue at most once.</summary>
    private readonly List<ComputeClient> _queue = [];
    private readonly ComputeThreads _threads;
    private readonly Action<Grant, bool> _handOver;
    /// <summary>The number of free slots, including lent slots.</summary>
    private int _freeSlots;

    /// <summary>The number of slots in all grants so far.</summary>
    private long _grantedSlots;

    /// <summary>The number of slots in all grants that a thread has begun to run.</summary>
    private long _begunSlots;

    /// <summary>
    /// The highest virtual time at which a run has started; see <see cref="ComputeClient.VirtualTime"/>. A client that returns to the queue
    /// starts from this time, so it gains nothing from its absence.
    /// </summary>
    private double _virtualTime;

    /// <summary>Creates the slots for the models that compute in this process.</summary>
    /// <param name="slots">
    /// The number of slots; null for <see cref="Environment.ProcessorCount"/>, which honours a container's quota.
    /// </param>
    /// <param name="time">The clock for lending; null when slots are not lent.</param>
    public Governor(int? slots = null, TimeProvider? time = null)
        : this(slots ?? Environment.ProcessorCount, handOver: null, time)
    {
    }

    /// <param name="handOver">
    /// Runs each grant, in place of the compute threads. The second argument is whether the call is the last action of an ended run.
    /// </param>
    internal Governor(int slots, Action<Grant, bool>? handOver, TimeProvider? time = null)
    {
        Slots = _freeSlots = slots;
        _threads = new ComputeThreads(slots);
        _handOver = handOver ?? RunOnThread;
        _watchTimer = time?.CreateTimer(static governor =>
            ((Governor)governor!).LendIfStuck(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Creates the slots of one model that computes on another server. The slots limit the number of concurrent calls, which start on the
    /// thread pool.
    /// </summary>
    internal static Governor ForRemoteCalls(int maxCalls) =>
        new(maxCalls, static (grant, _) => ThreadPool.UnsafeQueueUserWorkItem(grant, preferLocal: true));

    /// <summary>The number of slots.</summary>
    public int Slots { get; }

    /// <summary>The number of slots that no run holds, including those that long runs have lent.</summary>
    public int FreeSlots
    {
        get
        {
            lock (_gate)
                return _freeSlots;
        }
    }

    /// <summary>
    /// <c>IsStalled</c>: whether slots are in use although no run is in progress, because no thread has begun their grants. <c>Begun</c>: a
    /// number that grows with every grant that a thread begins.
    /// </summary>
    internal (bool IsStalled, long Begun) Progress
    {
        get
        {
            lock (_gate)
            {
                var begun = Volatile.Read(ref _begunSlots);
                return (_freeSlots < Slots && _grantedSlots - begun == Slots - _freeSlots, begun);
            }
        }
    }

    /// <summary>The virtual time at which a client that enters the queue now would start.</summary>
    internal double VirtualTime
    {
        get
        {
            lock (_gate)
                return _virtualTime;
        }
    }

    /// <summary>The number of compute threads that have started.</summary>
    internal int StartedThreads => _threads.Count;

    /// <summary>Finishes the runs on the compute threads, then ends the threads.</summary>
    public void Dispose()
    {
        _watchTimer?.Dispose();
        _threads.Dispose();
    }

    /// <summary>Takes slots for a run on the caller's own thread, if enough slots are free and no client waits in the queue.</summary>
    /// <returns>The number of slots taken, which the caller passes to <see cref="Exit"/>; zero when none was taken.</returns>
    internal int TryEnter(ComputeClient client)
    {
        lock (_gate)
        {
            var slots = Math.Min(client.Slots, Slots);
            if (_queue.Count > 0 || slots > _freeSlots || !CanStart(client))
                return 0;
            TakeSlots(client, slots);
            return slots;
        }
    }

    /// <summary>Queues a client with work, unless the client is queued already.</summary>
    internal void Enqueue(ComputeClient client)
    {
        Grant? grant;
        lock (_gate)
        {
            if (client.State != ComputeClient.QueueState.Idle)
            {
                client.HasMore |= client.State == ComputeClient.QueueState.Forming;
                return;
            }

            AddToQueue(client);
            grant = GrantNext();
        }

        HandOver(grant, isLastAction: false);
    }

    /// <summary>Reports that a client has formed a batch for its grant. The client may then get the next free slot too.</summary>
    /// <param name="hasMore">Whether more work of the client waits.</param>
    internal void OnBatchFormed(ComputeClient client, bool hasMore)
    {
        Grant? grant = null;
        lock (_gate)
        {
            client.State = ComputeClient.QueueState.Idle;
            if (hasMore || client.HasMore)
            {
                client.HasMore = false;
                AddToQueue(client);
                grant = GrantNext();
            }
        }

        HandOver(grant, isLastAction: false);
    }

    /// <summary>Releases the slots that <see cref="TryEnter"/> has taken.</summary>
    /// <param name="elapsed">How long the run held the slots.</param>
    internal void Exit(ComputeClient client, int slots, TimeSpan elapsed) =>
        HandOver(ReleaseAndGrantNext(client, slots, elapsed, charged: 0), isLastAction: false);

    /// <summary>Reports that a thread runs the grant.</summary>
    internal void OnGrantBegun(Grant grant) => Interlocked.Add(ref _begunSlots, grant.Slots);

    /// <summary>Releases the slots of a grant. This call is the last action of the calling thread for the grant.</summary>
    /// <param name="elapsed">How long the run held the slots; null when nothing ran.</param>
    internal void End(Grant grant, TimeSpan? elapsed) =>
        HandOver(ReleaseAndGrantNext(grant.Client, grant.Slots, elapsed, grant.Charged), isLastAction: true);

    /// <summary>Releases slots, records the run, and grants the next client its slots.</summary>
    /// <param name="charged">The expected duration in ticks that was charged before the run.</param>
    private Grant? ReleaseAndGrantNext(ComputeClient client, int slots, TimeSpan? elapsed, long charged)
    {
        lock (_gate)
        {
            ReleaseSlots(client, slots);
            client.VirtualTime += ((elapsed?.Ticks ?? 0) - charged) * (double)slots;
            if (elapsed is { } measured)
                client.RecordDuration(measured);
            return GrantNext();
        }
    }

    /// <summary>Queues a client. Called under the lock.</summary>
    private void AddToQueue(ComputeClient client)
    {
        client.VirtualTime = Math.Max(client.VirtualTime, GetMinVirtualTime(client));
        client.State = ComputeClient.QueueState.Queued;
        _queue.Add(client);
        StartWatch();
    }

    /// <summary>Takes slots for a run of the client. Called under the lock.</summary>
    private void TakeSlots(ComputeClient client, int slots)
    {
        _freeSlots -= slots;
        client.SlotsInUse += slots;
        client.VirtualTime = Math.Max(client.VirtualTime, GetMinVirtualTime(client));
        _virtualTime = Math.Max(client.VirtualTime, _virtualTime);
    }

    /// <summary>
    /// <para>Returns the minimum virtual time of a client. For most clients, this is the current virtual time V. A client therefore gains
    /// nothing from a time without work.</para>
    /// <para>The minimum of a job is V - 2 H, where H is the <see cref="BackgroundHandicap"/>. The first H is for the handicap: only the
    /// first run of a job must wait for it, but <see cref="GetQueueOrder"/> adds it before every run. The second H is for missed turns: a
    /// job queues a run only after its previous run has ended.</para>
    /// <para>Example: V is 10 s, and H is 1 s. A job with a virtual time of 8.5 s is ordered by 8.5 + 1 = 9.5 s. The job runs before a
    /// model with a virtual time of 10 s.</para>
    /// </summary>
    private double GetMinVirtualTime(ComputeClient client) => client.IsJob ? _virtualTime - (2 * BackgroundHandicap) : _virtualTime;

    /// <summary>
    /// Grants the next client its slots, if they are free. A client that needs several slots makes the other clients wait until enough
    /// slots are free.
    /// </summary>
    private Grant? GrantNext()
    {
        ComputeClient? next = null;
        foreach (var client in _queue)
        {
            if ((next is null || GetQueueOrder(client) < GetQueueOrder(next)) && CanStart(client))
                next = client;
        }

        if (next is null)
            return null;
        var slots = Math.Min(next.Slots, Slots);
        if (slots > _freeSlots)
            return null;
        _queue.Remove(next);
        TakeSlots(next, slots);
        _grantedSlots += slots;
        next.State = ComputeClient.QueueState.Forming;
        // The expected time is charged before the run. Otherwise the same client would get all slots at once.
        var charge = next.TypicalRun.Ticks;
        next.VirtualTime += charge * (double)slots;
        return new Grant(this, next, slots, charge);
    }

    /// <summary>Returns the rank of a queued client, as virtual time. The client with the smallest value is served next.</summary>
    private static double GetQueueOrder(ComputeClient client) => client.VirtualTime + (client.IsBackground ? BackgroundHandicap : 0);

    /// <summary>Hands over a grant, and then grants to the next clients as long as slots are free.</summary>
    private void HandOver(Grant? grant, bool isLastAction)
    {
        while (grant is not null)
        {
            _handOver(grant, isLastAction);
            lock (_gate)
                grant = GrantNext();
        }
    }

    private void RunOnThread(Grant grant, bool isLastAction)
    {
        // A chain of brief runs would stay in a local queue, ahead of the thread pool's other work. So each run joins the common queue.
        if (grant.Client.IsBrief)
            ThreadPool.UnsafeQueueUserWorkItem(grant, preferLocal: false);
        else
            _threads.Execute(grant, isLastAction);
    }
}
