using Inference.Catalog;
using Inference.Models;

namespace Inference.Tests.Reload;

/// <summary>Stores that fail in part, or that seem to have lost their models.</summary>
public sealed class ModelReloaderStoreTests : ReloadScenario
{
    [Fact]
    public async Task Poll_OneModelCannotBeListed_ItServesOnAndTheOthersChange()
    {
        Store.Add("digits", 1, "10").Add("other", 1, "10");
        (await LeaseAsync()).Dispose();
        (await LeaseAsync("other")).Dispose();
        Store.Fail("digits", "unreadable").Add("other", 2, "20");

        await PollTwiceAsync();
        await PollTwiceAsync();

        Assert.Equal(1, await LatestAsync());
        Assert.Equal((ModelState.Ready, "unreadable"), await StateAsync(1));
        using var other = await LeaseAsync("other");
        Assert.Equal(2, other.Model.Id.Version);
        Assert.True(Sut.IsStoreReachable);
    }

    [Fact]
    public async Task Poll_ItCanBeListedAgain_AcceptsTheChanges()
    {
        Store.Add("digits", 1, "10");
        (await LeaseAsync()).Dispose();
        Store.Fail("digits", "unreadable").Add("digits", 2, "20");
        await PollTwiceAsync();
        Store.Fail("digits", reason: null);

        await PollTwiceAsync();

        Assert.Equal(2, await LatestAsync());
        Assert.Equal((ModelState.Ready, null), await StateAsync(1));
    }

    [Fact]
    public async Task List_ModelWithoutKnownVersionsCannotBeListed_IsShownWithTheReason()
    {
        Store.Add("digits", 1, "10").Fail("bad", "unreadable");

        var statuses = await Catalog.ListAsync(name: null, CancellationToken.None);

        Assert.Equal(["digits/1"], statuses.Select(status => $"{status.Version.Id}"));
        Assert.Equal("unreadable", statuses.Failures["bad"]);
    }

    [Fact]
    public async Task Lease_ModelCannotBeListed_IsUnavailableWithTheReason()
    {
        Store.Fail("digits", "unreadable");

        var error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);

        Assert.Equal((InferenceError.ModelUnavailable, "unreadable"), (error.Error, error.Message));
    }

    /// <summary>The second caller gets the remembered failure of the first, with the same code and cause.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lease_StoreFailsDuringALoad_EveryCallerGetsTheReason(bool hasSettings)
    {
        Store.Add("digits", 1, "10").Configure("digits", hasSettings ? "{}" : null);
        var failure = new InferenceException(InferenceError.ModelUnavailable, "down")
        {
            Reason = ErrorReason.StoreUnavailable,
            Cause = FailureCause.Store,
        };
        Store.SettingsFailure = failure;
        Store.OnFetch = _ => throw failure;

        for (var caller = 1; caller <= 2; caller++)
        {
            var error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);
            Assert.Equal(("down", ErrorReason.StoreUnavailable, FailureCause.Store), (error.Message, error.Reason, error.Cause));
        }
    }

    [Fact]
    public async Task Load_ModelCannotBeListed_FailsAndItServesOn()
    {
        Store.Add("digits", 1, "10");
        (await LeaseAsync()).Dispose();
        Store.Fail("digits", "unreadable");

        var error = await Assert.ThrowsAsync<InferenceException>(() => Sut.LoadAsync(Name, CancellationToken.None));

        Assert.Equal("unreadable", error.Message);
        Assert.Equal(1, await LatestAsync());
    }

    [Fact]
    public async Task Poll_EverythingIsMissing_LoadedModelsServeOnUntilItHasLasted()
    {
        Store.Add("digits", 1, "10").Add("other", 1, "10");
        (await LeaseAsync()).Dispose();
        await Sut.PollAsync(CancellationToken.None);
        Store.Remove("digits", 1).Remove("other", 1);

        await PollTwiceAsync();
        await PollTwiceAsync();

        Assert.Equal(1, await LatestAsync());
        Assert.Contains("without 2 of its 2 models", (await StateAsync(1)).Reason, StringComparison.Ordinal);
        Assert.False(Sut.IsStoreReachable);
        var error = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync("other"));
        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        var shown = await Catalog.ListAsync(ModelName.Parse("other"), CancellationToken.None);
        Assert.Equal(ModelState.Failed, Assert.Single(shown).State);

        Time.Advance(TimeSpan.FromMinutes(2));
        await PollTwiceAsync();

        error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);
        Assert.Equal(InferenceError.ModelNotFound, error.Error);
        Assert.True(Sut.IsStoreReachable);
    }

    /// <summary>A load that lasts as long as the interval must not delay the deletion of another model, or the next listing.</summary>
    [Fact]
    public async Task Poll_LoadsLastLongerThanTheInterval_DeletionsComeFirstAndEachPollGoesOnWithTheNextModel()
    {
        string[] names = ["a", "b", "c"];
        foreach (var name in names.Append("digits"))
        {
            Store.Add(name, 1, "10");
            (await LeaseAsync(name)).Dispose();
        }

        foreach (var name in names)
            Store.Add(name, 2, "20");
        Store.Remove("digits", 1);
        await Sut.PollAsync(CancellationToken.None);
        var loads = 0;
        Runtime.OnLoad = _ =>
        {
            loads++;
            Time.Advance(TimeSpan.FromSeconds(30));
            return Task.CompletedTask;
        };

        for (var poll = 1; poll <= names.Length; poll++)
        {
            await Sut.PollAsync(CancellationToken.None);
            Assert.Null(Catalog.Find(Name));
            Assert.Equal(poll, loads);
        }
    }

    [Fact]
    public async Task Reload_EverythingIsMissing_IsAcceptedAtOnce()
    {
        Store.Add("digits", 1, "10");
        (await LeaseAsync()).Dispose();
        await Sut.PollAsync(CancellationToken.None);
        Store.Remove("digits", 1);
        await PollTwiceAsync();

        var error = await Assert.ThrowsAsync<InferenceException>(() => Sut.LoadAsync(Name, CancellationToken.None));

        Assert.Equal(InferenceError.ModelNotFound, error.Error);
        Assert.Null(Catalog.Find(Name));
    }

    [Fact]
    public async Task List_StoreDoesNotAnswer_ShowsTheKnownVersions()
    {
        Store.Add("digits", 1, "10").Add("other", 1, "10");
        (await LeaseAsync()).Dispose();
        await Sut.PollAsync(CancellationToken.None);
        Store.Failure = new InferenceException(InferenceError.ModelUnavailable, "down");

        var statuses = await Catalog.ListAsync(name: null, CancellationToken.None);

        Assert.Equal([ModelState.Ready, ModelState.Failed], statuses.Select(status => status.State));
        Assert.Equal("down", statuses[1].Reason);
    }

    private async Task<ModelLease> LeaseAsync(string name) =>
        await Catalog.LeaseAsync(ModelName.Parse(name), default, CancellationToken.None);
}
