using Inference.Catalog;
using Inference.Reload;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Reload;

/// <summary>The settings for versions and lifecycle in a model.json, and the effect of their changes.</summary>
public sealed class ModelReloaderSettingsTests : ReloadScenario
{
    [Fact]
    public async Task Poll_LabelMoved_PointsAtTheNewVersionOnceThatIsLoaded()
    {
        Store.Add("digits", 1, "10").Add("digits", 2, "broken").Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        Assert.Equal(1, await LabelledAsync("stable"));
        Store.Configure("digits", """{"versions":{"labels":{"stable":2}}}""");

        await PollTwiceAsync();
        var whileBroken = await LabelledAsync("stable");
        Store.Add("digits", 2, "20");
        await PollTwiceAsync();
        await PollTwiceAsync();

        Assert.Equal((1, 2), (whileBroken, await LabelledAsync("stable")));
    }

    [Fact]
    public async Task Poll_SettingsBecomeWrong_TheOldOnesStayAndTheReasonIsShown()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        Assert.Equal(1, await LabelledAsync("stable"));
        Store.Configure("digits", """{"vershions":{}}""");

        await PollTwiceAsync();

        Assert.Equal(1, await LabelledAsync("stable"));
        Assert.Contains("vershions", (await StateAsync(1)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_SettingsAreWrongFromTheStart_NamesTheProblem()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"vershions":{}}""");

        var error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("vershions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_SettingsAreWrong_IsReadOnceUntilTheyChange()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"vershions":{}}""");

        Assert.Contains("vershions", (await StateAsync(1)).Reason, StringComparison.Ordinal);
        Assert.Equal(ModelState.Failed, (await StateAsync(1)).State);
        Assert.Equal(1, Store.SettingsReadCount);
        Store.Configure("digits", """{"versions":{}}""");
        Assert.Equal((ModelState.Available, null), await StateAsync(1));
        Assert.Equal(2, Store.SettingsReadCount);
    }

    [Fact]
    public async Task Poll_PolicyOfOneVersion_RemovesTheOlderOne()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"versions":{"serve":{"latest":1}}}""");
        Assert.Equal(1, await LatestAsync());
        Store.Add("digits", 2, "20");

        await PollTwiceAsync();

        Assert.Equal(2, await LatestAsync());
        var error = await Assert.ThrowsAsync<InferenceException>(() =>
            Catalog.LeaseAsync(Name, VersionSelector.FromNumber(1), CancellationToken.None).AsTask());
        Assert.Equal(InferenceError.ModelNotFound, error.Error);
    }

    [Fact]
    public async Task Poll_UnusedForItsIdleTimeout_IsUnloadedUntilTheNextRequest()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"lifecycle":{"idleTimeout":"00:01:00"}}""");
        Assert.Equal(1, await LatestAsync());

        foreach (var used in new[] { true, false, false })
        {
            Time.Advance(TimeSpan.FromSeconds(59));
            if (used)
                Assert.Equal(1, await LatestAsync());
            await Sut.PollAsync(CancellationToken.None);
        }

        Assert.Equal(ModelState.Available, (await StateAsync(1)).State);
        Assert.Equal(1, await LatestAsync());
    }

    [Fact]
    public async Task Start_PreloadedModel_IsReadyBeforeTheFirstRequest()
    {
        Store.Add("digits", 1, "10").Add("other", 1, "11").Configure("digits", """{"lifecycle":{"preload":true}}""");

        Sut.Start();
        await Sut.Preloaded;

        Assert.Equal(ModelState.Ready, (await StateAsync(1)).State);
        Assert.Single(Runtime.Sessions);
    }

    /// <summary>A failure that may pass, such as that of the store, is tried again.</summary>
    [Fact]
    public async Task Poll_PreloadHasFailed_LoadsItAgain()
    {
        Store.OnFetch = _ => throw new InferenceException(InferenceError.ModelUnavailable, "down");
        await StartWithPreloadAsync("10");
        Assert.False(Sut.ArePreloadsLoaded);
        Store.OnFetch = _ => Task.CompletedTask;
        Time.Advance(TimeSpan.FromSeconds(5));

        await Sut.PollAsync(CancellationToken.None);

        Assert.True(Sut.ArePreloadsLoaded);
        await Catalog.Find(Name)!.Latest.UnloadAsync();
        Assert.True(Sut.ArePreloadsLoaded, "The model was loaded once.");
    }

    [Fact]
    public async Task Poll_PreloadedFilesAreCorrected_LoadsThem()
    {
        await StartWithPreloadAsync("broken");
        Assert.False(Sut.ArePreloadsLoaded);
        Assert.Equal((ModelState.Failed, "broken on purpose"), await StateAsync(1));
        Store.Add("digits", 1, "10");

        await PollTwiceAsync();

        Assert.True(Sut.ArePreloadsLoaded);
        Assert.Single(Logs, line => line.Contains("Model digits cannot be served", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Poll_BrokenPreloadIsGivenUp_IsNotAwaited(bool isDeleted)
    {
        Store.Add("other", 1, "10").Add("more", 1, "10");
        await StartWithPreloadAsync("broken");
        if (isDeleted)
            Store.Remove("digits", 1).Configure("digits", null);
        else
            Store.Configure("digits", "{}");

        await PollTwiceAsync();

        Assert.True(Sut.ArePreloadsLoaded);
    }

    [Fact]
    public async Task ArePreloadsLoaded_ARequestHasLoadedTheModel_IsTrue()
    {
        Store.OnFetch = _ => throw new InferenceException(InferenceError.ModelUnavailable, "down");
        await StartWithPreloadAsync("10");
        Store.OnFetch = _ => Task.CompletedTask;
        Time.Advance(TimeSpan.FromSeconds(5));

        (await LeaseAsync()).Dispose();

        Assert.True(Sut.ArePreloadsLoaded);
    }

    /// <summary>Without checks of the store, retries make the server ready and raise the event that gRPC health listens to.</summary>
    [Fact]
    public async Task Start_PreloadHasFailedAndTheIntervalIsZero_LoadsItAgain()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"lifecycle":{"preload":true}}""");
        Store.OnFetch = _ => throw new InferenceException(InferenceError.ModelUnavailable, "down");
        // The clock of the catalog stands still during the retry, because a load has a time limit.
        var time = new FakeTimeProvider();
        await using var sut = new ModelReloader(Catalog, Store, TimeSpan.Zero, time);
        sut.Start();
        await sut.Preloaded;
        Assert.False(sut.ArePreloadsLoaded);
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sut.StoreChecked += () =>
        {
            if (sut.ArePreloadsLoaded)
                loaded.TrySetResult();
        };
        Store.OnFetch = _ => Task.CompletedTask;
        Time.Advance(TimeSpan.FromSeconds(5));

        // The wait for the retry starts on another thread, so the test does not know when.
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        while (!loaded.Task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(ModelState.Ready, (await StateAsync(1)).State);
    }

    /// <summary>Settings that the store fails to read may request a preload.</summary>
    [Fact]
    public async Task Poll_SettingsCouldNotBeRead_AreAwaitedAndReadAgain()
    {
        Store.SettingsFailure = new InferenceException(InferenceError.ModelUnavailable, "down") { Reason = ErrorReason.StoreUnavailable };
        await StartWithPreloadAsync("10");
        Assert.False(Sut.ArePreloadsLoaded);
        Store.SettingsFailure = null;

        await Sut.PollAsync(CancellationToken.None);

        Assert.True(Sut.ArePreloadsLoaded);
        Assert.Equal(ModelState.Ready, (await StateAsync(1)).State);
    }

    /// <summary>A model that cannot be listed affects no other model. A server that was ready stays ready.</summary>
    [Theory]
    [InlineData("10", ModelState.Ready)]
    [InlineData("broken", ModelState.Failed)]
    public async Task Poll_PreloadCouldNotBeListed_IsNotAwaitedAndIsLoadedLater(string tag, ModelState expected)
    {
        Store.Fail("digits", "unreadable");
        await StartWithPreloadAsync(tag);
        Assert.True(Sut.ArePreloadsLoaded);
        Store.Fail("digits", reason: null);

        await Sut.PollAsync(CancellationToken.None);

        Assert.True(Sut.ArePreloadsLoaded);
        Assert.Equal(expected, (await StateAsync(1)).State);
    }

    [Fact]
    public async Task Start_SettingsAreWrong_AreNotAwaited()
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"vershions":{}}""");

        Sut.Start();
        await Sut.Preloaded;

        Assert.True(Sut.ArePreloadsLoaded);
    }

    /// <summary>Starts the server with a model to preload, and stops the loop, so that only the test checks the store.</summary>
    private async Task StartWithPreloadAsync(string tag)
    {
        Store.Add("digits", 1, tag).Configure("digits", """{"lifecycle":{"preload":true}}""");
        Sut.Start();
        await Sut.Preloaded;
        await Sut.StopAsync();
    }
}
