using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Inference.Catalog;
using Inference.Models;
using Inference.Testing;
using Inference.Tests.Catalog;

namespace Inference.Tests.Reload;

public sealed class ModelReloaderTests : ReloadScenario
{
    [Fact]
    public async Task Poll_NewVersion_IsLatestOnceItIsLoadedAndHasStoppedChanging()
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Add("digits", 2, "20");

        await Sut.PollAsync(CancellationToken.None);
        var afterOnePoll = await LatestAsync();
        Store.Add("digits", 2, "21");
        await Sut.PollAsync(CancellationToken.None);
        var afterAChange = await LatestAsync();
        await Sut.PollAsync(CancellationToken.None);

        Assert.Equal((1, 1, 2), (afterOnePoll, afterAChange, await LatestAsync()));
    }

    [Theory]
    [InlineData("broken", "broken on purpose")]
    public async Task Poll_NewVersionDoesNotLoad_TheOldOneServesOnAndTheReasonIsShown(string tag, string reason)
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Add("digits", 2, tag);

        await PollTwiceAsync();

        Assert.Equal(1, await LatestAsync());
        Assert.Equal((ModelState.Failed, reason), await StateAsync(2));
    }

    /// <summary>The model has a name of its own, because other tests reload at the same time.</summary>
    [Theory]
    [InlineData("20", "taken")]
    [InlineData("broken", "refused")]
    public async Task Poll_NewVersion_IsCountedByTheResultOfItsLoad(string tag, string expected)
    {
        var name = $"{Guid.NewGuid():N}";
        var results = new ConcurrentQueue<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "inference.model.reloads")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, labels, _) =>
        {
            if (labels.ToArray().Any(label => name.Equals(label.Value)))
                results.Enqueue(labels[^1].Value);
        });
        listener.Start();
        Store.Add(name, 1, "10");
        (await Catalog.LeaseAsync(ModelName.Parse(name), default, CancellationToken.None)).Dispose();
        Store.Add(name, 2, tag);

        await PollTwiceAsync();
        await PollTwiceAsync();

        Assert.Equal(expected, (string?)Assert.Single(results));
    }

    [Fact]
    public async Task Poll_HighestOfTwoNewVersionsDoesNotLoad_TheOtherOneBecomesTheLatest()
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Add("digits", 2, "20").Add("digits", 3, "broken");

        await PollTwiceAsync();
        await PollTwiceAsync();

        Assert.Equal(2, await LatestAsync());
        Assert.Equal((ModelState.Failed, "broken on purpose"), await StateAsync(3));
        Store.Add("digits", 3, "30");
        await PollTwiceAsync();
        Assert.Equal(3, await LatestAsync());
    }

    [Fact]
    public async Task Poll_NewVersionOfAModelThatIsNotLoaded_IsNotLoaded()
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        await Catalog.Find(Name)!.Latest.UnloadAsync();
        Store.Add("digits", 2, "20");

        await PollTwiceAsync();

        Assert.Equal((ModelState.Available, (string?)null), await StateAsync(2));
        Assert.Equal(2, await LatestAsync());
    }

    [Fact]
    public async Task Poll_ReplacedInPlace_SwapsAndTheOldOneIsDisposedWithItsLastLease()
    {
        Store.Add("digits", 1, "10");
        TaggedRuntime.Session old;
        using (var before = await LeaseAsync())
        {
            Store.Add("digits", 1, "11");
            await PollTwiceAsync();

            using var after = await LeaseAsync();

            Assert.NotSame(before.Session, after.Session);
            Assert.DoesNotContain(Runtime.Sessions, session => session.IsDisposed);
            old = (TaggedRuntime.Session)before.Session;
        }

        await old.Ended;
        Assert.Single(Runtime.Sessions, session => session.IsDisposed);
    }

    [Theory]
    [InlineData("broken", "broken on purpose")]
    [InlineData("failing", "failing on purpose")]
    [InlineData("wide", "inputs or outputs")]
    public async Task Poll_ReplacedInPlaceByAnInvalidFile_TheOldOneServesOnAndTheReasonIsShown(string tag, string reason)
    {
        Store.Add("digits", 1, "10");
        using var before = await LeaseAsync();
        Store.Add("digits", 1, tag);

        await PollTwiceAsync();
        var loads = Runtime.Sessions.Count;
        await PollTwiceAsync();

        using var after = await LeaseAsync();
        Assert.Same(before.Session, after.Session);
        var (state, shown) = await StateAsync(1);
        Assert.Equal(ModelState.Ready, state);
        AssertText.Contains(reason, shown);
        // Refused files are not tried again at every check.
        Assert.Equal(loads, Runtime.Sessions.Count);
    }

    [Fact]
    public async Task Poll_LoadOfANewVersionIsCancelled_ALaterLookLoadsIt()
    {
        Store.Add("digits", 1, "10");
        (await LeaseAsync()).Dispose();
        Store.Add("digits", 2, "20");
        using var stop = new CancellationTokenSource();
        // The load is cancelled after it has fetched the files, so it has not found them broken.
        Runtime.OnLoad = async token =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        await Sut.PollAsync(stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Sut.PollAsync(stop.Token));
        Runtime.OnLoad = _ => Task.CompletedTask;

        await PollTwiceAsync();

        Assert.Equal(2, await LatestAsync());
    }

    [Fact]
    public async Task Poll_SettingsChangeWhileAVersionLoads_ItsCallersGetASessionUnderTheNewOnes()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"execution":{"threads":1}}""");
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Runtime.OnLoad = token =>
        {
            Runtime.OnLoad = _ => Task.CompletedTask;
            entered.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        var leasing = LeaseAsync();
        await entered.Task;
        Store.Configure("digits", """{"execution":{"threads":2}}""");

        await PollTwiceAsync();

        using var lease = await leasing;
        Assert.Equal(2, Runtime.Settings!.Execution.Threads);
    }

    [Fact]
    public async Task Poll_TimeoutInTheSettingsChanges_HoldsForTheNextRequests()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"timeouts":{"request":"00:00:01"}}""");
        (await LeaseAsync()).Dispose();
        Store.Configure("digits", """{"timeouts":{"request":"00:00:02"}}""");

        await PollTwiceAsync();

        using var lease = await LeaseAsync();
        Assert.Equal(TimeSpan.FromSeconds(2), lease.Loaded.Settings.Timeouts.Request);
    }

    [Fact]
    public async Task Poll_VersionDeleted_DrainsAndIsRemoved()
    {
        Store.Add("digits", 1, "10").Add("digits", 2, "20");
        var lease = await LeaseAsync();
        Store.Remove("digits", 2);

        await PollTwiceAsync();

        Assert.Equal(1, await LatestAsync());
        Assert.Equal((ModelState.Unloading, (string?)null), await StateAsync(2));
        lease.Dispose();
        Assert.DoesNotContain(await Catalog.ListAsync(Name, CancellationToken.None), status => status.Version.Id.Version == 2);
    }

    [Fact]
    public async Task Poll_ModelDeleted_IsNotFound()
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Remove("digits", 1);

        await PollTwiceAsync();

        var error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);
        Assert.Equal(InferenceError.ModelNotFound, error.Error);
    }

    [Fact]
    public async Task Poll_StoreCannotBeReached_LoadedModelsServeOn()
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Failure = new InferenceException(InferenceError.ModelUnavailable, "down");

        await Assert.ThrowsAsync<InferenceException>(PollTwiceAsync);

        Assert.Equal(1, await LatestAsync());
    }

    [Fact]
    public async Task Reload_TakesAChangeAtOnce()
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Add("digits", 2, "20");

        await Sut.ReloadAsync(Name, CancellationToken.None);

        Assert.Equal(2, await LatestAsync());
    }

    [Fact]
    public async Task Lease_HighestVersionIsBroken_TheNextLowerOneAnswers()
    {
        Store.Add("digits", 1, "10").Add("digits", 2, "broken").Add("digits", 3, "broken");

        Assert.Equal(1, await LatestAsync());
        Assert.Equal(1, await LatestAsync());
        Assert.Equal((ModelState.Failed, "broken on purpose"), await StateAsync(3));
    }

    [Fact]
    public async Task Lease_ReplacedWhileItLoads_AnswersWithTheCurrentVersion()
    {
        Store.Add("digits", 1, "10");
        Runtime.OnLoad = _ =>
        {
            Store.Add("digits", 1, "11");
            return Task.CompletedTask;
        };

        using var lease = await LeaseAsync();

        Assert.Equal("11", ((TaggedRuntime.Session)lease.Session).Tag);
        Assert.Single(Runtime.Sessions, session => session.IsDisposed);
    }
}
