using Inference.Compute;
using Inference.Testing;

namespace Inference.Tests.Compute;

public sealed class GovernorTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    private readonly Queue<Grant> _granted = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void SlowAndFastModelUnderLoad_EachGetsHalfOfTheSlotTime(int slots, int threadsOfSlow)
    {
        using var sut = new Governor(slots, (grant, _) => _granted.Enqueue(grant));
        var slow = new Client(sut, Long, threadsOfSlow);
        var fast = new Client(sut, Short);
        sut.Enqueue(slow);
        sut.Enqueue(fast);

        Simulate(sut, TimeSpan.FromSeconds(20));

        Assert.InRange(fast.Used / (fast.Used + slow.Used), 0.4, 0.6);
        // The models alternate in short turns: the fast model waits for at most one slow run at a time.
        Assert.InRange(fast.LongestWait.TotalMilliseconds, 0, 2 * Long.TotalMilliseconds);
    }

    [Fact]
    public void ModelWithoutWorkForAWhile_GainsNothingAndOwesNothing()
    {
        using var sut = new Governor(1, (grant, _) => _granted.Enqueue(grant));
        var early = new Client(sut, Short);
        sut.Enqueue(early);
        Simulate(sut, TimeSpan.FromSeconds(5));
        var late = new Client(sut, Short);
        var before = early.Used;

        sut.Enqueue(late);
        Simulate(sut, TimeSpan.FromSeconds(2));

        Assert.InRange(late.Used / (late.Used + early.Used - before), 0.45, 0.55);
    }

    [Fact]
    public void BackgroundWorkUnderLoad_RunsRarelyAndRequestsUseTheRest()
    {
        using var sut = new Governor(1, (grant, _) => _granted.Enqueue(grant));
        var requests = new Client(sut, Short);
        var background = new Client(sut, Short) { IsBackground = true };
        sut.Enqueue(requests);
        sut.Enqueue(background);

        Simulate(sut, TimeSpan.FromSeconds(10));

        Assert.InRange(background.Used / Short.TotalSeconds, 1, 20);
    }

    /// <summary>
    /// A job has as many turns as the measurement of a plan. Each turn needs both slots, and the other models always have requests.
    /// </summary>
    [Theory]
    [InlineData(1, 1, 4)]
    [InlineData(8, 1, 16)]
    [InlineData(20, 1, 32)]
    [InlineData(1, 100, 12)]
    [InlineData(8, 100, 24)]
    public void JobUnderLoad_WaitsOnceAndThenHasItsShare(int models, int millisecondsOfARun, int seconds)
    {
        using var sut = new Governor(2, (grant, _) => _granted.Enqueue(grant));
        for (var model = 0; model < models; model++)
            sut.Enqueue(new Client(sut, TimeSpan.FromMilliseconds(millisecondsOfARun)));
        var job = new Client(sut, TimeSpan.FromMilliseconds(10), threads: 2) { IsBackground = true, IsJob = true, Runs = 90 };
        sut.Enqueue(job);

        var waited = Simulate(sut, TimeSpan.FromMinutes(10), until: job);

        Assert.InRange(waited.TotalSeconds, 0.5, seconds);
    }

    [Fact]
    public void JobThatHasWaited_HasItsShareAndNoMore()
    {
        using var sut = new Governor(1, (grant, _) => _granted.Enqueue(grant));
        var requests = new Client(sut, Short);
        var job = new Client(sut, Short) { IsBackground = true, IsJob = true, Runs = int.MaxValue };
        sut.Enqueue(requests);
        sut.Enqueue(job);

        Simulate(sut, TimeSpan.FromSeconds(21));

        Assert.InRange(job.Used, 9, 11);
    }

    [Fact]
    public void TryEnter_AnotherClientIsInLine_TakesNoSlot()
    {
        using var sut = new Governor(2, (grant, _) => _granted.Enqueue(grant));
        var wide = new Client(sut, Short, threads: 2);
        var narrow = new Client(sut, Short);
        Assert.Equal(1, sut.TryEnter(narrow));
        sut.Enqueue(wide);

        Assert.Equal(0, sut.TryEnter(narrow));
        sut.Exit(narrow, 1, Short);

        Assert.Same(wide, _granted.Dequeue().Client);
        Assert.Equal(0, sut.FreeSlots);
    }

    [Fact]
    public void Enqueue_MoreSlotsThanThereAre_TakesAll()
    {
        using var sut = new Governor(2, (grant, _) => _granted.Enqueue(grant));

        sut.Enqueue(new Client(sut, Short, threads: 64));

        Assert.Equal(2, _granted.Dequeue().Slots);
    }

    [Fact]
    public async Task Job_CancelledInLine_EndsAtOnceAndNeverRuns()
    {
        using var sut = new Governor(1, (grant, _) => _granted.Enqueue(grant));
        using var stop = new CancellationTokenSource();
        var ran = false;
        var run = new BackgroundJob(sut).RunAsync(() => ran = true, slots: 1, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        _granted.Dequeue().Execute();
        Assert.False(ran);
        Assert.Equal(1, sut.FreeSlots);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task Enqueue_LongRuns_RunOnComputeThreadsOneForEachSlot()
    {
        using var sut = new Governor(slots: 3);
        using var allBusy = new Barrier(3);
        var (remaining, pooled, done) = (30, 0, new TaskCompletionSource());
        var client = new Client(sut, Long) { Runs = 30 };
        client.OnRun = () =>
        {
            Interlocked.Add(ref pooled, Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
            allBusy.SignalAndWait();
            if (Interlocked.Decrement(ref remaining) == 0)
                done.SetResult();
        };

        sut.Enqueue(client);
        await done.Task;

        Assert.Equal((0, 3), (pooled, sut.StartedThreads));
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task Enqueue_BriefRuns_RunOnTheThreadPool()
    {
        using var sut = new Governor(slots: 2);
        var done = new TaskCompletionSource<bool>();
        var client = new Client(sut, TimeSpan.FromTicks(50)) { OnRun = () => done.SetResult(Thread.CurrentThread.IsThreadPoolThread) };
        sut.Exit(client, sut.TryEnter(client), TimeSpan.FromTicks(50));

        sut.Enqueue(client);

        Assert.True(await done.Task);
        Assert.Equal(0, sut.StartedThreads);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task Dispose_EndsTheThreadsAndLaterRunsStillEnd()
    {
        var sut = new Governor(slots: 1);
        var threads = new List<Thread>();
        sut.Enqueue(new Client(sut, Long) { OnRun = () => threads.Add(Thread.CurrentThread) });
        sut.Dispose();
        var late = new TaskCompletionSource();

        sut.Enqueue(new Client(sut, Long) { OnRun = late.SetResult });

        await late.Task;
        Assert.False(Assert.Single(threads).IsAlive);
    }

    /// <summary>
    /// Simulates runs, and ends them in the order of their end times. A client always has more work. A job has a number of runs, and queues
    /// a run when the run before it has ended.
    /// </summary>
    /// <param name="until">The job whose last run ends the simulation early; null for none.</param>
    /// <returns>The simulated time.</returns>
    private TimeSpan Simulate(Governor sut, TimeSpan duration, Client? until = null)
    {
        var running = new PriorityQueue<(Client Client, Grant Grant), TimeSpan>();
        var now = TimeSpan.Zero;
        while (now < duration && until is not { Runs: 0 })
        {
            while (_granted.TryDequeue(out var grant))
            {
                var client = (Client)grant.Client;
                client.RecordGrant(now);
                running.Enqueue((client, grant), now + client.RunTime);
                sut.OnBatchFormed(client, hasMore: !client.IsJob);
            }

            Assert.True(running.TryDequeue(out var ended, out now));
            ended.Client.Used += ended.Client.RunTime.TotalSeconds * ended.Grant.Slots;
            sut.End(ended.Grant, ended.Client.RunTime);
            if (ended.Client.IsJob && --ended.Client.Runs > 0)
                sut.Enqueue(ended.Client);
        }

        return now;
    }

    private sealed class Client(Governor governor, TimeSpan runTime, int threads = 1) : ComputeClient
    {
        private TimeSpan _lastGrant;
        private int _runs = 1;

        public TimeSpan RunTime => runTime;

        public double Used { get; set; }

        public TimeSpan LongestWait { get; private set; }

        /// <summary>The number of runs that the client still has work for.</summary>
        public int Runs { get => _runs; set => _runs = value; }

        public Action OnRun { get; set; } = () => { };

        public override int Slots => threads;

        public void RecordGrant(TimeSpan now)
        {
            LongestWait = now - _lastGrant > LongestWait ? now - _lastGrant : LongestWait;
            _lastGrant = now;
        }

        public override ValueTask<TimeSpan?> RunNextAsync()
        {
            governor.OnBatchFormed(this, hasMore: Interlocked.Decrement(ref _runs) > 0);
            OnRun();
            return ValueTask.FromResult<TimeSpan?>(runTime);
        }
    }
}
