using Inference.Catalog;
using Inference.Models;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Catalog;

public sealed class ModelCatalogTests : IAsyncLifetime
{
    private static readonly ModelName Digits = ModelName.Parse("digits");

    private readonly FakeModelStore _store = new();
    private readonly FakeModelRuntime _runtime = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ModelCatalog _sut;

    public ModelCatalogTests() => _sut = TestCatalog.Create(_store, _runtime, TestBudget.Unlimited(), _time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _sut.DisposeAsync();
        // A run may hold its session for a moment after it has returned its result.
        await Task.WhenAll(_runtime.Sessions.Select(session => session.Ended)).WaitAsync(WaitLimit.Step);
    }

    [Fact]
    public async Task Lease_FilesHaveChangedSinceTheyWereListed_TheSlotIsNotRetried()
    {
        _store.Add("digits");
        var slot = _sut.CreateSlot(new ModelVersion(TestModels.Id("digits"), "before", Size: 100));

        await Assert.ThrowsAsync<InferenceException>(async () => await slot.LeaseAsync(ServedSettings.None, CancellationToken.None));

        // After a failed load, null makes the catalog list the store again.
        Assert.Null(await slot.LeaseAsync(ServedSettings.None, CancellationToken.None));
        Assert.Equal(1, _store.FetchCount);
    }

    [Fact]
    public async Task LeaseAsync_64FirstRequests_ShareOneListingOneDownloadAndOneSession()
    {
        var gate = new TaskCompletionSource();
        _store.Add("digits").FetchGate = gate.Task;

        var leases = Enumerable.Range(0, 64).Select(_ => LeaseAsync().AsTask()).ToArray();
        gate.SetResult();
        foreach (var lease in await Task.WhenAll(leases))
            lease.Dispose();

        Assert.Equal((1, 1, 1), (_store.ListCount, _store.FetchCount, _runtime.LoadCount));
    }

    [Fact]
    public async Task LeaseAsync_NoVersionGiven_LeasesTheHighest()
    {
        _store.Add("digits", 2).Add("digits", 10).Add("digits", 1);

        using var latest = await LeaseAsync();
        using var second = await LeaseAsync(2);

        Assert.Equal(10, latest.Model.Id.Version);
        Assert.Equal(2, second.Model.Id.Version);
    }

    [Fact]
    public async Task LeaseAsync_UnknownModelOrVersion_IsNotFoundAndNamesTheServedVersions()
    {
        _store.Add("digits", 1).Add("digits", 3);

        var version = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync(2).AsTask());
        var model = await Assert.ThrowsAsync<InferenceException>(
            () => _sut.LeaseAsync(ModelName.Parse("other"), default, CancellationToken.None).AsTask());

        Assert.Equal((InferenceError.ModelNotFound, InferenceError.ModelNotFound), (version.Error, model.Error));
        Assert.Contains("3, 1", version.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LeaseAsync_VersionAddedLater_IsFoundByARequest()
    {
        _store.Add("digits", 1);
        using var first = await LeaseAsync();
        _store.Add("digits", 2);

        using var second = await LeaseAsync(2);

        Assert.Equal(2, second.Model.Id.Version);
    }

    [Fact]
    public async Task LeaseAsync_StoreFailsAfterTheLoad_StillLeasesTheModel()
    {
        _store.Add("digits");
        using (await LeaseAsync())
            _store.Failure = Unreachable();

        using var lease = await LeaseAsync();
        var statuses = await _sut.ListAsync(name: null, CancellationToken.None);

        Assert.Equal(ModelState.Ready, Assert.Single(statuses).State);
        await Assert.ThrowsAsync<InferenceException>(() =>
            _sut.LeaseAsync(ModelName.Parse("other"), default, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task LeaseAsync_LoadFails_IsRetriedAfterAMoment()
    {
        _store.Add("digits");
        _runtime.Failure = new InferenceException(InferenceError.ModelUnavailable, "broken file");

        var first = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync().AsTask());
        var second = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync().AsTask());

        Assert.Equal(("broken file", "broken file", 1), (first.Message, second.Message, _runtime.LoadCount));
        Assert.True(second.RetryAfter > TimeSpan.Zero);
        Assert.Equal("broken file", Assert.Single(await _sut.ListAsync(Digits, CancellationToken.None)).Reason);

        _runtime.Failure = null;
        _time.Advance(second.RetryAfter!.Value);
        using var lease = await LeaseAsync();
        Assert.Equal(2, _runtime.LoadCount);
    }

    [Fact]
    public async Task LeaseAsync_BrokenFileReplaced_LoadsTheNewOne()
    {
        _store.Add("digits", tag: "broken");
        _runtime.Failure = new InvalidOperationException("no model");
        var exception = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync().AsTask());
        _store.Add("digits", tag: "good");
        _runtime.Failure = null;
        _time.Advance(exception.RetryAfter!.Value);

        using var lease = await LeaseAsync();

        Assert.Equal("good", Assert.Single(await _sut.ListAsync(Digits, CancellationToken.None)).Version.Tag);
    }

    [Fact]
    public async Task LeaseAsync_ReplacedBetweenListingAndLoad_ServesTheNewOneAtOnce()
    {
        _store.Add("digits", 1).Add("digits", 2, tag: "old");
        using var first = await LeaseAsync(1);
        _store.Add("digits", 2, tag: "new");

        using var second = await LeaseAsync(2);

        Assert.Equal("new", (await _sut.ListAsync(Digits, CancellationToken.None))[1].Version.Tag);
    }

    [Fact]
    public async Task LeaseAsync_RemovedBetweenListingAndLoad_IsNotFound()
    {
        _store.Add("digits", 1).Add("digits", 2);
        using var first = await LeaseAsync(1);
        _store.Remove("digits", 2);

        var exception = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync(2).AsTask());

        Assert.Equal(InferenceError.ModelNotFound, exception.Error);
    }

    [Fact]
    public async Task LeaseAsync_LabelsFile_HasOneLabelPerLineWithoutTheBlankEnd()
    {
        using var folder = new TempFolder();
        var path = folder.Combine("labels.txt");
        await File.WriteAllTextAsync(path, "cat\r\n\r\ndog\n\n\n");
        var store = new FakeModelStore { LabelsPath = path }.Add("digits");
        await using var sut = TestCatalog.Create(store, _runtime, TestBudget.Unlimited(), _time);

        using var lease = await sut.LeaseAsync(Digits, selector: default, CancellationToken.None);

        Assert.Equal(["cat", "", "dog"], lease.Model.Labels.ToArray());
    }

    [Fact]
    public async Task LeaseAsync_OneWaiterCancels_TheLoadContinuesForTheOther()
    {
        var gate = new TaskCompletionSource();
        _store.Add("digits").FetchGate = gate.Task;
        using var cancellation = new CancellationTokenSource();
        var cancelled = LeaseAsync(cancellationToken: cancellation.Token).AsTask();
        var staying = LeaseAsync().AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        gate.SetResult();

        using var lease = await staying;
        Assert.Equal(1, _runtime.LoadCount);
    }

    [Fact]
    public async Task LeaseAsync_LastWaiterCancels_CancelsTheLoadAndTheNextStartsAgain()
    {
        _store.Add("digits");
        var fetchCancelled = new TaskCompletionSource();
        var fetching = new TaskCompletionSource();
        _store.OnFetch = token =>
        {
            token.Register(fetchCancelled.SetResult);
            fetching.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        using var cancellation = new CancellationTokenSource();
        var cancelled = LeaseAsync(cancellationToken: cancellation.Token).AsTask();
        await fetching.Task;

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await fetchCancelled.Task;
        _store.OnFetch = _ => Task.CompletedTask;

        using var lease = await LeaseAsync();
        Assert.Equal((2, 1), (_store.FetchCount, _runtime.LoadCount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Statuses_OfFourTimesAsManyVersions_AllocateLessThanEightTimesAsMuch(bool hasTraffic)
    {
        const int Few = 250;
        AddVersions(1, Few);
        if (hasTraffic)
            _store.Configure("digits", """{"versions":{"traffic":[{"version":1,"percent":100}]}}""");
        (await LeaseAsync(version: 1)).Dispose();
        MeasureStatuses(Few);
        var few = MeasureStatuses(Few);
        AddVersions(Few + 1, 4 * Few);
        // The request for a new version lists the store.
        (await LeaseAsync(version: 4 * Few)).Dispose();

        var many = MeasureStatuses(4 * Few);

        Assert.True(many < 8 * few, $"{few} bytes for {Few} versions, {many} for {4 * Few}.");
    }

    [Fact]
    public async Task DisposeAsync_ModelIsLeased_IsDisposedWithTheLastLease()
    {
        _store.Add("digits");
        var lease = await LeaseAsync();
        var session = Assert.Single(_runtime.Sessions);

        await _sut.DisposeAsync();
        Assert.False(session.IsDisposed);
        lease.Dispose();
        lease.Dispose();

        await session.Ended;
        var exception = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync().AsTask());
        Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
    }

    [Fact]
    public async Task DisposeAsync_WhileLoading_EndsTheLoadAndFailsTheWaiters()
    {
        _store.Add("digits").FetchGate = new TaskCompletionSource().Task;
        var waiting = LeaseAsync().AsTask();

        await _sut.DisposeAsync();

        Assert.Equal(InferenceError.ModelUnavailable, (await Assert.ThrowsAsync<InferenceException>(() => waiting)).Error);
    }

    private void AddVersions(int first, int last)
    {
        for (var version = first; version <= last; version++)
            _store.Add("digits", version);
    }

    /// <summary>Returns the bytes that are allocated for the statuses of all versions.</summary>
    private long MeasureStatuses(int versions)
    {
        var served = _sut.Find(Digits)!;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = served.Statuses.ToList().Count;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(versions, count);
        return allocated;
    }

    private static InferenceException Unreachable() => new(InferenceError.ModelUnavailable, "unreachable");

    private ValueTask<ModelLease> LeaseAsync(long? version = null, CancellationToken cancellationToken = default) =>
        _sut.LeaseAsync(Digits, VersionSelector.FromNumber(version), cancellationToken);
}
