using Inference.Catalog;
using Inference.Catalog.Memory;
using Inference.Models;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Catalog;

public sealed class MemoryBudgetTests : IAsyncLifetime
{
    private const long Size = 100;

    private readonly FakeModelStore _store = new();
    private readonly TaggedRuntime _runtime = new();
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    private MemoryBudget _budget = TestBudget.Unlimited();
    private ModelCatalog? _catalog;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_catalog is not null)
            await _catalog.DisposeAsync();
        // A run may hold its session for a moment after it has returned its result.
        await Task.WhenAll(_runtime.Sessions.Select(session => session.Ended)).WaitAsync(WaitLimit.Step);
        // The memory is free a moment after the session has ended.
        Assert.True(SpinWait.SpinUntil(() => _budget.Used == 0, WaitLimit.Step), $"{_budget.Used}");
    }

    [Fact]
    public async Task Lease_NoRoom_UnloadsTheLeastUsed()
    {
        Use(models: 3, fit: 2);
        await UseAsync(0, times: 3);
        await UseAsync(1);

        await UseAsync(2);

        Assert.Equal((true, false, true), (await IsReadyAsync(0), await IsReadyAsync(1), await IsReadyAsync(2)));
    }

    [Fact]
    public async Task Lease_NoRoomAndAllInUse_WaitsForTheFirstReleasedLease()
    {
        Use(models: 3, fit: 2);
        var first = await LeaseAsync(0);
        using var second = await LeaseAsync(1);

        var third = LeaseAsync(2);
        Assert.False(third.IsCompleted);
        Assert.Equal(2 * Size, _budget.Used);
        first.Dispose();
        second.Dispose();
        (await third).Dispose();

        Assert.True(_budget.Used <= 2 * Size);
    }

    /// <summary>The value of a model is divided by its size, and the clock becomes the value of each unloaded model.</summary>
    [Fact]
    public async Task Lease_UnloadsAModelWithoutBytes_TheClockStaysFinite()
    {
        Use(models: 3, fit: 1);
        _store.Add(Name(0).Value, 1, "1", size: 0);
        await UseAsync(0);
        var inUse = await LeaseAsync(1);

        var waiting = LeaseAsync(2);
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        while (await IsReadyAsync(0))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        inUse.Dispose();
        (await waiting).Dispose();

        Assert.True(double.IsFinite(_budget.Clock), $"The clock is {_budget.Clock}.");
    }

    [Fact]
    public async Task Lease_CallerCancelsWhileItWaitsForRoom_NoMemoryIsReserved()
    {
        Use(models: 2, fit: 1);
        using var first = await LeaseAsync(0);
        using var leaves = new CancellationTokenSource();

        var second = _catalog!.LeaseAsync(Name(1), default, leaves.Token).AsTask();
        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(Size, _budget.Used);
    }

    [Fact]
    public async Task Lease_LargerThanTheBudget_IsRefusedWithTheNumbersAndUnloadsNothing()
    {
        Use(models: 1, fit: 2);
        await UseAsync(0);
        _store.Add("huge", 1, "1", size: 1000);

        var error = await Assert.ThrowsAsync<InferenceException>(
            () => _catalog!.LeaseAsync(ModelName.Parse("huge"), default, CancellationToken.None).AsTask());

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("1000", error.Message, StringComparison.Ordinal);
        Assert.Contains("200", error.Message, StringComparison.Ordinal);
        Assert.True(await IsReadyAsync(0));
    }

    [Fact]
    public async Task Lease_OnlyPinnedModelsAreLoaded_IsRefusedAndTheyStayLoaded()
    {
        Use(models: 2, fit: 1);
        _store.Configure(Name(0).Value, """{"lifecycle":{"pinned":true}}""");
        await UseAsync(0);

        var error = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync(1));

        Assert.Contains("pinned", error.Message, StringComparison.Ordinal);
        Assert.True(await IsReadyAsync(0));
    }

    /// <summary>The value of a model counts its uses. A caller that cancels during the load does not use the model.</summary>
    [Fact]
    public async Task Lease_CallerCancelsDuringTheLoad_IsNoUse()
    {
        Use(models: 1, fit: 1);
        var slot = _catalog!.CreateSlot(new ModelVersion(new ModelId(Name(0), 1), "1", Size));
        var gate = new TaskCompletionSource();
        _store.FetchGate = gate.Task;
        using var leaves = new CancellationTokenSource();
        var cancelled = slot.LeaseAsync(ServedSettings.None, leaves.Token).AsTask();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(0, slot.Uses);
        gate.SetResult();

        (await slot.LeaseAsync(ServedSettings.None, CancellationToken.None))!.Dispose();

        Assert.Equal(1, slot.Uses);
        await slot.CloseAsync();
    }

    [Fact]
    public async Task Load_ProcessGrowsMoreThanTheFileSize_TheGrowthCounts()
    {
        var resident = 5000L;
        _budget = new MemoryBudget(10_000, processLimit: 20_000, () => resident, TimeProvider.System, NullLogger<MemoryBudget>.Instance);
        Use(models: 1, fit: null);
        _runtime.OnLoad = _ =>
        {
            resident += 700;
            return Task.CompletedTask;
        };

        await UseAsync(0);

        Assert.Equal(700, _budget.Used);
    }

    /// <summary>
    /// The requests for 30 models follow Zipf's law, and memory has room for 5 models. The budget is never exceeded, and has at least as
    /// many hits as LRU.
    /// </summary>
    [Fact]
    public async Task SkewedLoad_HitsAtLeastAsOftenAsLeastRecentlyUsed()
    {
        const int Models = 30;
        const int Fit = 5;
        const int Requests = 20_000;
        Use(Models, Fit);
        var random = new Random(1);
        var recent = new List<int>();
        var lruHits = 0;
        for (var request = 0; request < Requests; request++)
        {
            var model = Zipf(random, Models);
            if (recent.Remove(model))
                lruHits++;
            recent.Add(model);
            if (recent.Count > Fit)
                recent.RemoveAt(0);

            await UseAsync(model);
            Assert.True(_budget.Used <= Fit * Size, $"{_budget.Used} bytes are used.");
        }

        var hits = Requests - _runtime.Sessions.Count;
        Assert.True(hits >= lruHits, $"{hits} hits, and {lruHits} with LRU.");
    }

    [Fact]
    public async Task ConcurrentSkewedLoad_StaysWithinTheBudgetAndServesEveryRequest()
    {
        const int Models = 30;
        const int Fit = 5;
        Use(Models, Fit);
        var most = 0L;

        await Task.WhenAll(Enumerable.Range(0, 16).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            for (var request = 0; request < 500; request++)
            {
                using var lease = await LeaseAsync(Zipf(random, Models));
                most = Math.Max(most, _budget.Used);
                if (request % 7 == 0)
                    await Task.Yield();
            }
        })));

        Assert.InRange(most, Size, Fit * Size);
    }

    private static int Zipf(Random random, int count)
    {
        var point = random.NextDouble() * Enumerable.Range(1, count).Sum(rank => 1.0 / rank);
        for (var rank = 1; rank < count; rank++)
        {
            point -= 1.0 / rank;
            if (point < 0)
                return rank - 1;
        }

        return count - 1;
    }

    private void Use(int models, int? fit)
    {
        if (fit is { } count)
            _budget = TestBudget.WithLimit(count * Size);
        for (var model = 0; model < models; model++)
            _store.Add(Name(model).Value, 1, "1", Size);
        _catalog = TestCatalog.Create(_store, _runtime, _budget, _time);
    }

    private static ModelName Name(int model) => ModelName.Parse($"m{model}");

    private Task<ModelLease> LeaseAsync(int model) => _catalog!.LeaseAsync(Name(model), default, CancellationToken.None).AsTask();

    private async Task UseAsync(int model, int times = 1)
    {
        for (; times > 0; times--)
            (await LeaseAsync(model)).Dispose();
    }

    private async Task<bool> IsReadyAsync(int model) =>
        (await _catalog!.ListAsync(Name(model), CancellationToken.None)).Single().State == ModelState.Ready;
}
