using Inference.Catalog;
using Inference.Models;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Catalog;

/// <summary>Loads and warm-ups that take too long, including warm-ups that do not stop when they are cancelled.</summary>
public sealed class LoadLimitTests : IAsyncLifetime
{
    private const string WarmUp = """{"lifecycle":{"warmup":true},"timeouts":{"warmup":"00:00:02"}}""";

    private readonly FakeTimeProvider _time = new();
    private readonly FakeModelStore _store = new FakeModelStore().Add("stuck").Add("good");
    private readonly FakeModelRuntime _runtime = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _endOfWarmUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ModelCatalog _sut;

    public LoadLimitTests() => _sut = TestCatalog.Create(_store, _runtime, TestBudget.WithLimit(150), _time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _endOfWarmUp.TrySetResult();
        await _sut.DisposeAsync();
        await _sut.Limits.DisposeAsync();
    }

    [Fact]
    public async Task Lease_WarmUpTakesTooLong_NamesTheSettingAndReleasesTheMemory()
    {
        _store.Configure("stuck", WarmUp);
        _runtime.Run = async (_, token) =>
        {
            _entered.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return null!;
        };
        var lease = LeaseAsync("stuck");
        await _entered.Task;

        _time.Advance(TimeSpan.FromSeconds(2));

        var failure = await Assert.ThrowsAsync<InferenceException>(() => lease);
        Assert.Contains(
            "warm-up of model stuck/1 took longer than 2 s, the limit in \"timeouts.warmup\".", failure.Message, StringComparison.Ordinal);
        await Assert.Single(_runtime.Sessions).Ended;
        (await LeaseAsync("good")).Dispose();
        Assert.Empty(_sut.Limits.AbandonedWork);
    }

    [Fact]
    public async Task Lease_WarmUpDoesNotStop_KeepsItsMemoryAndIsNotRetriedUntilItEnds()
    {
        _store.Configure("stuck", WarmUp);
        _runtime.Run = async (input, _) =>
        {
            _entered.TrySetResult();
            await _endOfWarmUp.Task;
            return FakeModelRuntime.Double(input);
        };
        var lease = LeaseAsync("stuck");
        await _entered.Task;
        _time.Advance(TimeSpan.FromSeconds(2));
        await AdvanceUntilAsync(lease);

        await Assert.ThrowsAsync<InferenceException>(() => lease);
        Assert.Contains("warm-up of model stuck/1", Assert.Single(_sut.Limits.AbandonedWork), StringComparison.Ordinal);
        // A load does not wait for memory that may never be released.
        var unfit = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync("good"));
        Assert.Contains("still computing", unfit.Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        var again = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync("stuck"));
        Assert.Contains("still computes", again.Message, StringComparison.Ordinal);

        _endOfWarmUp.SetResult();
        await Assert.Single(_runtime.Sessions).Ended;
        await _sut.Limits.DisposeAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        (await LeaseAsync("good")).Dispose();
        Assert.Empty(_sut.Limits.AbandonedWork);
    }

    private Task<ModelLease> LeaseAsync(string name) => _sut.LeaseAsync(ModelName.Parse(name), default, CancellationToken.None).AsTask();

    /// <summary>
    /// Advances the time until the task ends. The wait for cancelled work starts on another thread, so the test does not know when.
    /// </summary>
    private async Task AdvanceUntilAsync(Task task)
    {
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        while (!task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
