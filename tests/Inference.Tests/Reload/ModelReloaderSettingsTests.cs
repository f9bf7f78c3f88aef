using Inference.Catalog;

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
}
