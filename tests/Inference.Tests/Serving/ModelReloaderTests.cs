using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Trust;
using Inference.Serving;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Serving;

public sealed class ModelReloaderTests : IAsyncLifetime
{
    private static readonly ModelName Name = ModelName.Parse("digits");

    private readonly FakeModelStore _store = new();
    private readonly TaggedRuntime _runtime = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ModelCatalog _catalog;
    private readonly ModelReloader _sut;

    public ModelReloaderTests()
    {
        _catalog = new ModelCatalog(_store, _runtime, TestBudget.Unlimited(), TrustPolicy.Default, _time, NullLogger<ModelCatalog>.Instance);
        _sut = new ModelReloader(_catalog, _store, TimeSpan.FromSeconds(30), _time);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _sut.DisposeAsync();
        await _catalog.DisposeAsync();
        Assert.All(_runtime.Sessions, session => Assert.True(session.IsDisposed));
    }

    [Fact]
    public async Task Look_NewVersion_IsLatestOnceItIsLoadedAndHasStoppedChanging()
    {
        _store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        _store.Add("digits", 2, "20");

        await _sut.LookAsync(CancellationToken.None);
        var afterOneLook = await LatestAsync();
        _store.Add("digits", 2, "21");
        await _sut.LookAsync(CancellationToken.None);
        var afterAChange = await LatestAsync();
        await _sut.LookAsync(CancellationToken.None);

        Assert.Equal((1, 1, 2), (afterOneLook, afterAChange, await LatestAsync()));
    }

    [Theory]
    [InlineData("broken", "broken on purpose")]
    public async Task Look_NewVersionDoesNotLoad_TheOldOneServesOnAndTheReasonIsShown(string tag, string reason)
    {
        _store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        _store.Add("digits", 2, tag);

        await LookTwiceAsync();

        Assert.Equal(1, await LatestAsync());
        Assert.Equal((ModelState.Failed, reason), await StateAsync(2));
    }

    [Fact]
    public async Task Look_NewVersionOfAModelThatIsNotLoaded_IsNotLoaded()
    {
        _store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        _catalog.Find(Name)!.Latest.Unload();
        _store.Add("digits", 2, "20");

        await LookTwiceAsync();

        Assert.Equal((ModelState.Available, (string?)null), await StateAsync(2));
        Assert.Equal(2, await LatestAsync());
    }

    [Fact]
    public async Task Look_ReplacedInPlace_SwapsAndTheOldOneGoesWithItsLastLease()
    {
        _store.Add("digits", 1, "10");
        using (var before = await LeaseAsync())
        {
            _store.Add("digits", 1, "11");
            await LookTwiceAsync();

            using var after = await LeaseAsync();

            Assert.NotSame(before.Session, after.Session);
            Assert.DoesNotContain(_runtime.Sessions, session => session.IsDisposed);
        }

        Assert.Single(_runtime.Sessions, session => session.IsDisposed);
    }

    [Theory]
    [InlineData("broken", "broken on purpose")]
    [InlineData("failing", "failing on purpose")]
    [InlineData("wide", "inputs or outputs")]
    public async Task Look_ReplacedInPlaceByWhatIsNoGood_TheOldOneServesOnAndTheReasonIsShown(string tag, string reason)
    {
        _store.Add("digits", 1, "10");
        using var before = await LeaseAsync();
        _store.Add("digits", 1, tag);

        await LookTwiceAsync();
        var loads = _runtime.Sessions.Count;
        await LookTwiceAsync();

        using var after = await LeaseAsync();
        Assert.Same(before.Session, after.Session);
        var (state, shown) = await StateAsync(1);
        Assert.Equal(ModelState.Ready, state);
        Assert.Contains(reason, shown, StringComparison.Ordinal);
        // What was refused is not tried again at every look.
        Assert.Equal(loads, _runtime.Sessions.Count);
    }

    [Fact]
    public async Task Look_VersionDeleted_DrainsAndGoes()
    {
        _store.Add("digits", 1, "10").Add("digits", 2, "20");
        var lease = await LeaseAsync();
        _store.Remove("digits", 2);

        await LookTwiceAsync();

        Assert.Equal(1, await LatestAsync());
        Assert.Equal((ModelState.Unloading, (string?)null), await StateAsync(2));
        lease.Dispose();
        Assert.DoesNotContain(await _catalog.ListAsync(Name, CancellationToken.None), status => status.Version.Id.Version == 2);
    }

    [Fact]
    public async Task Look_ModelDeleted_IsNotFound()
    {
        _store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        _store.Remove("digits", 1);

        await LookTwiceAsync();

        var error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);
        Assert.Equal(InferenceError.ModelNotFound, error.Error);
    }

    [Fact]
    public async Task Look_StoreCannotBeReached_WhatIsLoadedServesOn()
    {
        _store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        _store.Failure = new InferenceException(InferenceError.ModelUnavailable, "down");

        await Assert.ThrowsAsync<InferenceException>(LookTwiceAsync);

        Assert.Equal(1, await LatestAsync());
    }

    [Fact]
    public async Task Reload_TakesAChangeAtOnce()
    {
        _store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        _store.Add("digits", 2, "20");

        await _sut.ReloadAsync(Name, CancellationToken.None);

        Assert.Equal(2, await LatestAsync());
    }

    [Fact]
    public async Task Look_LabelMoved_PointsAtTheNewVersionOnceThatIsLoaded()
    {
        _store.Add("digits", 1, "10").Add("digits", 2, "broken").Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        Assert.Equal(1, await LabelledAsync("stable"));
        _store.Configure("digits", """{"versions":{"labels":{"stable":2}}}""");

        await LookTwiceAsync();
        var whileBroken = await LabelledAsync("stable");
        _store.Add("digits", 2, "20");
        await LookTwiceAsync();
        await LookTwiceAsync();

        Assert.Equal((1, 2), (whileBroken, await LabelledAsync("stable")));
    }

    [Fact]
    public async Task Look_SettingsBecomeWrong_TheOldOnesStayAndTheReasonIsShown()
    {
        _store.Add("digits", 1, "10").Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        Assert.Equal(1, await LabelledAsync("stable"));
        _store.Configure("digits", """{"vershions":{}}""");

        await LookTwiceAsync();

        Assert.Equal(1, await LabelledAsync("stable"));
        Assert.Contains("vershions", (await StateAsync(1)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_SettingsAreWrongFromTheStart_SaysWhatIsWrong()
    {
        _store.Add("digits", 1, "10").Configure("digits", """{"vershions":{}}""");

        var error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("vershions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_PolicyOfOneVersion_TheOlderOneGoes()
    {
        _store.Add("digits", 1, "10").Configure("digits", """{"versions":{"serve":{"latest":1}}}""");
        Assert.Equal(1, await LatestAsync());
        _store.Add("digits", 2, "20");

        await LookTwiceAsync();

        Assert.Equal(2, await LatestAsync());
        var error = await Assert.ThrowsAsync<InferenceException>(() => _catalog.LeaseAsync(Name, VersionSelector.FromNumber(1), CancellationToken.None).AsTask());
        Assert.Equal(InferenceError.ModelNotFound, error.Error);
    }

    [Fact]
    public async Task Lease_HighestVersionIsBroken_TheNextLowerOneAnswers()
    {
        _store.Add("digits", 1, "10").Add("digits", 2, "broken").Add("digits", 3, "broken");

        Assert.Equal(1, await LatestAsync());
        Assert.Equal(1, await LatestAsync());
        Assert.Equal((ModelState.Failed, "broken on purpose"), await StateAsync(3));
    }

    [Fact]
    public async Task Lease_ReplacedWhileItLoads_AnswersWithWhatTheStoreHasNow()
    {
        _store.Add("digits", 1, "10");
        _runtime.Loading = () => _store.Add("digits", 1, "11");

        using var lease = await LeaseAsync();

        Assert.Equal("11", ((TaggedRuntime.Session)lease.Session).Tag);
        Assert.Single(_runtime.Sessions, session => session.IsDisposed);
    }

    [Fact]
    public async Task Look_UnusedForItsIdleTimeout_IsUnloadedUntilTheNextRequest()
    {
        _store.Add("digits", 1, "10").Configure("digits", """{"lifecycle":{"idleTimeout":"00:01:00"}}""");
        Assert.Equal(1, await LatestAsync());

        foreach (var used in new[] { true, false, false })
        {
            _time.Advance(TimeSpan.FromSeconds(59));
            if (used)
                Assert.Equal(1, await LatestAsync());
            await _sut.LookAsync(CancellationToken.None);
        }

        Assert.Equal(ModelState.Available, (await StateAsync(1)).State);
        Assert.Equal(1, await LatestAsync());
    }

    [Fact]
    public async Task Start_PreloadedModel_IsReadyBeforeTheFirstRequest()
    {
        _store.Add("digits", 1, "10").Add("other", 1, "11").Configure("digits", """{"lifecycle":{"preload":true}}""");

        _sut.Start();
        await _sut.Preloaded;

        Assert.Equal(ModelState.Ready, (await StateAsync(1)).State);
        Assert.Single(_runtime.Sessions);
    }

    private async Task LookTwiceAsync()
    {
        await _sut.LookAsync(CancellationToken.None);
        await _sut.LookAsync(CancellationToken.None);
    }

    private Task<ModelLease> LeaseAsync() => _catalog.LeaseAsync(Name, default, CancellationToken.None).AsTask();

    private async Task<long> LatestAsync()
    {
        using var lease = await LeaseAsync();
        return lease.Model.Id.Version;
    }

    private async Task<long> LabelledAsync(string label)
    {
        using var lease = await _catalog.LeaseAsync(Name, new VersionSelector(new VersionRef(label)), CancellationToken.None);
        return lease.Model.Id.Version;
    }

    private async Task<(ModelState State, string? Reason)> StateAsync(long version)
    {
        var statuses = await _catalog.ListAsync(Name, CancellationToken.None);
        var status = statuses.Single(status => status.Version.Id.Version == version);
        return (status.State, status.Reason);
    }
}
