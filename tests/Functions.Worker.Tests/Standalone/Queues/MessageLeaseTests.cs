using Azure;
using Functions.Worker.Registry;
using Inference.Testing;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests the lease of a message: its renewal, its loss, and its end.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class MessageLeaseTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static RequestFailedException Busy => new(503, "busy");

    private readonly QueueScenario _scenario = new(azurite);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Run_LongerThanTheLease_IsNotRunAgain()
    {
        var wire = new Wire();
        var renewals = 0;
        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        wire.After = request =>
        {
            // Each renewal happens after half of a lease, so the third is beyond a lease.
            if (Wire.IsUpdate(request) && ++renewals == 3)
                renewed.SetResult();
            return Task.CompletedTask;
        };
        var runs = 0;
        await _scenario.SendAsync("long");

        var listener = _scenario.Start(
            async (_, context) =>
            {
                Interlocked.Increment(ref runs);
                await renewed.Task.WaitAsync(context.CancellationToken);
            },
            wire: wire,
            lease: 4 * QueueScenario.ShortLease);
        await renewed.Task.WaitAsync(QueueScenario.Patience);
        await listener.StopAsync();

        Assert.Equal(1, runs);
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Queue));
        Assert.DoesNotContain(_scenario.Log.Entries, e => e.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Run_MessageTakenOver_IsCancelledAndSettlesNothing()
    {
        var wire = new Wire();
        await _scenario.SendAsync("in");
        var lost = _scenario.Log.NextAsync("its lease was lost");

        var listener = _scenario.Start(
            async (message, context) =>
            {
                await _scenario.Queue.DeleteMessageAsync(message.Metadata["Id"], message.Metadata["PopReceipt"]);
                await UntilCancelledAsync(context.CancellationToken, rethrow: false);
                return [new FunctionOutput("results", "too late")];
            },
            wire: wire,
            lease: QueueScenario.ShortLease);
        await lost;
        await listener.StopAsync();

        Assert.DoesNotContain(wire.Answered, r => r.StartsWith("DELETE", StringComparison.Ordinal));
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Results));
    }

    [Fact]
    public async Task Run_PopReceiptIsAnothers_IsCancelled()
    {
        await _scenario.SendAsync("in");
        var lost = _scenario.Log.NextAsync("its lease was lost");

        _scenario.Start(
            async (message, context) =>
            {
                await _scenario.Queue.UpdateMessageAsync(
                    message.Metadata["Id"], message.Metadata["PopReceipt"], visibilityTimeout: TimeSpan.FromMinutes(10));
                await UntilCancelledAsync(context.CancellationToken);
                return [];
            },
            lease: QueueScenario.ShortLease);

        await lost;
        Assert.Equal(1, await QueueScenario.CountAsync(_scenario.Queue));
    }

    [Fact]
    public async Task Run_RenewalsFailForAWhile_Continues()
    {
        var failures = 0;
        var renewed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wire = new Wire { Before = request => Wire.IsUpdate(request) && ++failures <= 2 ? throw Busy : Task.CompletedTask };
        wire.After = request =>
        {
            if (Wire.IsUpdate(request))
                renewed.TrySetResult();
            return Task.CompletedTask;
        };
        await _scenario.SendAsync("in");

        // The longer lease tolerates a machine that stalls for some seconds. Two renewals fail before one succeeds.
        var listener = _scenario.Start(
            (_, context) => renewed.Task.WaitAsync(context.CancellationToken), wire: wire, lease: 4 * QueueScenario.ShortLease);
        await renewed.Task.WaitAsync(QueueScenario.Patience);
        await listener.StopAsync();

        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Queue));
        Assert.DoesNotContain(_scenario.Log.Entries, e => e.Level >= LogLevel.Warning);
    }

    /// <summary>If renewals stall after a failure, the time limit cancels the last one. The failure is still the cause.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_RenewalsFailUntilTheLeaseIsOver_IsCancelled(bool stalls)
    {
        var renewals = 0;
        var wire = new Wire
        {
            Before = request => Wire.IsUpdate(request) && (++renewals == 1 || !stalls) ? throw Busy : Task.CompletedTask,
            IsStalled = request => Wire.IsUpdate(request) && !_cancelled.Task.IsCompleted,
        };
        await _scenario.SendAsync("in");
        var lost = _scenario.Log.NextAsync("its lease was lost: 503: busy");

        _scenario.Start(
            (_, context) => UntilCancelledAsync(context.CancellationToken), QueueScenario.Settings with { MaxDequeueCount = 1 }, wire,
            lease: QueueScenario.ShortLease);

        await lost;
        Assert.True(_cancelled.Task.IsCompleted);
        Assert.Empty(_scenario.Log.Errors);
    }

    [Fact]
    public async Task Run_DeleteFailsForAWhile_IsNotRunAgain()
    {
        var (failures, runs) = (0, 0);
        var deleted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wire = new Wire { Before = request => request.Method.Method == "DELETE" && ++failures <= 2 ? throw Busy : Task.CompletedTask };
        wire.After = request =>
        {
            if (request.Method.Method == "DELETE")
                deleted.SetResult();
            return Task.CompletedTask;
        };
        await _scenario.SendAsync("in");

        var listener = _scenario.Start((_, _) => Task.FromResult(Interlocked.Increment(ref runs)), wire: wire);
        await deleted.Task.WaitAsync(QueueScenario.Patience);
        await listener.StopAsync();

        Assert.Equal(1, runs);
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Queue));
    }

    [Fact]
    public async Task Run_ProcessDies_MessageIsDeliveredAgainAfterTheLease()
    {
        // Once the function has entered, no request of the first listener reaches the storage, as if its process were killed.
        var wire = new Wire
        {
            Before = _ => _entered.Task.IsCompleted ? throw new RequestFailedException(0, "killed") : Task.CompletedTask,
        };
        await _scenario.SendAsync("in");
        _scenario.Start((_, context) => UntilCancelledAsync(context.CancellationToken), wire: wire, lease: QueueScenario.ShortLease);
        await _entered.Task.WaitAsync(QueueScenario.Patience);
        var second = new TaskCompletionSource<string>();

        var survivor = _scenario.Start((message, _) =>
        {
            second.SetResult(message.Metadata["DequeueCount"]);
            return ValueTask.FromResult<IReadOnlyList<FunctionOutput>>([]);
        });

        Assert.Equal("2", await second.Task.WaitAsync(QueueScenario.Patience));
        await survivor.StopAsync();
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Queue));
    }

    [Fact]
    public async Task Stop_MessageInWork_LetsItFinish()
    {
        var go = new TaskCompletionSource();
        await _scenario.SendAsync("in");
        var listener = _scenario.Start(async (_, context) =>
        {
            _entered.SetResult();
            await go.Task.WaitAsync(context.CancellationToken);
        });
        await _entered.Task.WaitAsync(QueueScenario.Patience);

        listener.Stop();
        await _scenario.SendAsync("not fetched");
        go.SetResult();
        await listener.EndedAsync();

        Assert.Equal(["not fetched"], await QueueScenario.PeekAsync(_scenario.Queue));
        Assert.Equal(1, await QueueScenario.CountAsync(_scenario.Queue));
    }

    [Fact]
    public async Task Abort_MessageInWork_IsCancelledAndReleased()
    {
        _scenario.Limits = _scenario.Limits with { Cancel = QueueScenario.Patience };
        await _scenario.SendAsync("in");
        var listener = _scenario.Start(
            (_, context) => UntilCancelledAsync(context.CancellationToken), QueueScenario.Settings with { MaxDequeueCount = 1 });
        await _entered.Task.WaitAsync(QueueScenario.Patience);

        listener.Stop();
        listener.Abort();
        await listener.EndedAsync();

        Assert.Equal(["in"], await QueueScenario.PeekAsync(_scenario.Queue));
        Assert.Empty(_scenario.Log.Errors);
    }

    [Fact]
    public async Task Abort_FunctionDoesNotHeedIt_ReleasesItsMessageAndDropsItsResult()
    {
        var wire = new Wire();
        var go = new TaskCompletionSource();
        var dropped = _scenario.Log.NextAsync("Its outputs are not sent");
        await _scenario.SendAsync("in");
        var listener = _scenario.Start(
            async (_, _) =>
            {
                _entered.SetResult();
                await go.Task;
                return [new FunctionOutput("results", "too late")];
            },
            wire: wire);
        await _entered.Task.WaitAsync(QueueScenario.Patience);

        listener.Stop();
        listener.Abort();
        await listener.EndedAsync();
        Assert.Equal(["in"], await QueueScenario.PeekAsync(_scenario.Queue));
        go.SetResult();
        await dropped.WaitAsync(QueueScenario.Patience);

        Assert.Equal(1, await QueueScenario.CountAsync(_scenario.Queue));
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Results));
    }

    [Fact]
    public async Task Stop_WhileMessagesAreFetched_ReleasesThem()
    {
        var stopped = new TaskCompletionSource();
        var fetched = new TaskCompletionSource();
        var wire = new Wire();
        wire.After = async request =>
        {
            if (!Wire.IsReceive(request))
                return;
            fetched.TrySetResult();
            await stopped.Task;
        };
        _scenario.Limits = _scenario.Limits with { Fetch = QueueScenario.Patience };
        await _scenario.SendAsync("in");
        var listener = _scenario.Start(QueueScenario.Failing("run"), wire: wire);
        await fetched.Task.WaitAsync(QueueScenario.Patience);

        listener.Stop();
        stopped.SetResult();
        await listener.EndedAsync();

        Assert.Equal(["in"], await QueueScenario.PeekAsync(_scenario.Queue));
        Assert.Empty(_scenario.Log.Errors);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scenario.DisposeAsync();

    private async Task UntilCancelledAsync(CancellationToken cancellationToken, bool rethrow = true)
    {
        _entered.TrySetResult();
        try
        {
            await Task.Delay(QueueScenario.Patience, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            if (rethrow)
                throw;
        }
    }
}
