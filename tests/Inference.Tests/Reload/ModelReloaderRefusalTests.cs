using Inference.Catalog;
using Inference.Testing;

namespace Inference.Tests.Reload;

/// <summary>
/// The status shows why files or settings in the store are refused, until the store has other ones. A load by an operator fails with the
/// reason.
/// </summary>
public sealed class ModelReloaderRefusalTests : ReloadScenario
{
    private const string Unreadable = """{"vershions":{}}""";
    private const string NamesVersion2 = """{"versions":{"labels":{"stable":2}}}""";
    private const string Contradicting = """{"image":{"height":2,"width":2}}""";
    private const string Other = """{"batching":{"maxBatch":4}}""";

    public static TheoryData<string, string?, bool> Settings()
    {
        var data = new TheoryData<string, string?, bool>();
        foreach (var wrong in (string[])[Unreadable, Contradicting])
        {
            foreach (var right in (string?[])[null, "{}", Other])
            {
                data.Add(wrong, right, false);
                data.Add(wrong, right, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task SettingsRefused_FileIsPutBackFixedOrDeleted_NothingIsShownAnyMore(string wrong, string? right, bool isForced)
    {
        Store.Add("digits", 1, "10").Configure("digits", "{}");
        Assert.Equal(1, await LatestAsync());
        Store.Configure("digits", wrong);
        await PollTwiceAsync();
        Assert.NotNull((await StateAsync(1)).Reason);

        Store.Configure("digits", right);
        await ApplyAsync(isForced);

        Assert.Equal((ModelState.Ready, null), await StateAsync(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SettingsRefused_ThereWereNoneAndTheFileIsDeleted_NothingIsShownAnyMore(bool isForced)
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Configure("digits", Unreadable);
        await PollTwiceAsync();

        Store.Configure("digits", null);
        await ApplyAsync(isForced);

        Assert.Equal((ModelState.Ready, null), await StateAsync(1));
    }

    [Theory]
    [InlineData("broken", false)]
    [InlineData("broken", true)]
    [InlineData("failing", false)]
    [InlineData("wide", true)]
    public async Task FilesRefused_OldOnesArePutBack_NothingIsShownAnyMore(string tag, bool isForced)
    {
        Store.Add("digits", 1, "10");
        using var before = await LeaseAsync();
        Store.Add("digits", 1, tag);
        await PollTwiceAsync();
        Assert.NotNull((await StateAsync(1)).Reason);

        Store.Add("digits", 1, "10");
        await ApplyAsync(isForced);

        using var after = await LeaseAsync();
        Assert.Equal((ModelState.Ready, null), await StateAsync(1));
        Assert.Same(before.Session, after.Session);
    }

    [Fact]
    public async Task SettingsAndFilesRefused_BothAreShown_AndEachDisappearsWithItsCause()
    {
        Store.Add("digits", 1, "10").Configure("digits", "{}");
        Assert.Equal(1, await LatestAsync());
        Store.Configure("digits", Unreadable).Add("digits", 1, "broken");

        await PollTwiceAsync();
        var both = (await StateAsync(1)).Reason!;
        Store.Configure("digits", "{}");
        await Sut.PollAsync(CancellationToken.None);
        var files = (await StateAsync(1)).Reason!;
        Store.Configure("digits", Unreadable).Add("digits", 1, "10");
        await PollTwiceAsync();
        var settings = (await StateAsync(1)).Reason!;

        Assert.Equal(["The current content of the store is not used: broken on purpose"], files.Split('\n'));
        Assert.Contains("vershions", settings, StringComparison.Ordinal);
        Assert.DoesNotContain("broken", settings, StringComparison.Ordinal);
        Assert.Equal($"{files}\n{settings}", both);
    }

    [Fact]
    public async Task SettingsRefused_ByAVersionThatIsRepaired_AreAccepted()
    {
        Store.Add("digits", 1, "10").Add("digits", 2, "broken");
        Assert.Equal(1, await LatestAsync());
        Store.Configure("digits", NamesVersion2);
        await PollTwiceAsync();
        Assert.Contains("new settings are not used: broken on purpose", (await StateAsync(1)).Reason, StringComparison.Ordinal);

        Store.Add("digits", 2, "20");
        await PollTwiceAsync();

        Assert.Equal(2, await LabelledAsync("stable"));
        Assert.All(await Catalog.ListAsync(Name, CancellationToken.None), status => Assert.Null(status.Reason));
    }

    /// <summary>Version 1 loads under both settings, version 2 only under the earlier ones.</summary>
    [Fact]
    public async Task SettingsRefused_ByOneOfTwoVersions_NoSessionStaysUnderThem()
    {
        Store.Add("digits", 1, "10").Add("digits", 2, "20").Configure("digits", "{}");
        Assert.Equal(2, await LatestAsync());
        using (await Catalog.LeaseAsync(Name, VersionSelector.FromNumber(1), CancellationToken.None))
        {
        }

        Store.Configure("digits", Other);
        var loads = 0;
        Runtime.OnLoad = _ => ++loads == 2
            ? throw new InferenceException(InferenceError.ModelUnavailable, "not this time")
            : Task.CompletedTask;
        await PollTwiceAsync();

        using var lease = await Catalog.LeaseAsync(Name, VersionSelector.FromNumber(1), CancellationToken.None);
        Assert.Contains("not this time", (await StateAsync(2)).Reason, StringComparison.Ordinal);
        Assert.Null(lease.Batching.MaxBatch);
    }

    [Fact]
    public async Task SettingsRefused_VersionThatTheyExclude_ServesOn()
    {
        Store.Add("digits", 1, "broken").Add("digits", 2, "20");
        Assert.Equal(2, await LatestAsync());
        Store.Configure("digits", """{"versions":{"serve":{"specific":[1]},"labels":{"stable":1}}}""");

        await PollTwiceAsync();
        await PollTwiceAsync();

        Assert.Equal(2, await LatestAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NewVersionBroken_PolicyServesTheLatestOnly_TheOldOneServesOn(bool isForced)
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"versions":{"serve":{"latest":1}}}""");
        Assert.Equal(1, await LatestAsync());
        Store.Add("digits", 2, "broken");

        if (isForced)
            await AssertRefusedAsync("Version 2 is not used: broken on purpose");
        else
            await PollTwiceAsync();
        Assert.Equal(1, await LatestAsync());

        Store.Add("digits", 2, "20");
        await ApplyAsync(isForced);
        Assert.Equal(2, await LatestAsync());
        await PollTwiceAsync();
        Assert.DoesNotContain(await Catalog.ListAsync(Name, CancellationToken.None), status =>
            status.Version.Id.Version == 1 && status.State == ModelState.Ready);
    }

    /// <summary>The failure of a load that a request has started is forgotten when the settings that caused it change.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LoadFailed_BySettingsThatAreFixed_NothingIsShownAnyMore(bool isForced)
    {
        Store.Add("digits", 1, "10").Configure("digits", Contradicting);
        await Assert.ThrowsAsync<InferenceException>(LeaseAsync);
        Assert.Equal(ModelState.Failed, (await StateAsync(1)).State);

        Store.Configure("digits", "{}");
        await ApplyAsync(isForced);

        Assert.Null((await StateAsync(1)).Reason);
        Assert.Equal(1, await LatestAsync());
    }

    [Fact]
    public async Task SettingsNotRead_TheStoreFails_AreReadAtTheNextLook()
    {
        Store.Add("digits", 1, "10").Configure("digits", "{}");
        Assert.Equal(1, await LatestAsync());
        Store.Configure("digits", Other);
        Store.SettingsFailure = new InferenceException(InferenceError.ModelUnavailable, "down");
        await PollTwiceAsync();
        Assert.Equal("down", (await StateAsync(1)).Reason);

        Store.SettingsFailure = null;
        await Sut.PollAsync(CancellationToken.None);

        Assert.Equal((ModelState.Ready, null), await StateAsync(1));
    }

    [Theory]
    [InlineData(Unreadable, "vershions")]
    [InlineData(Contradicting, "new settings are not used")]
    public async Task Load_SettingsAreWrong_IsRefusedWhileTheOldOnesHold(string wrong, string reason)
    {
        Store.Add("digits", 1, "10").Configure("digits", "{}");
        await Sut.LoadAsync(Name, CancellationToken.None);
        using var before = await LeaseAsync();
        Store.Configure("digits", wrong);

        await AssertRefusedAsync(reason);
        await AssertRefusedAsync(reason);

        using var after = await LeaseAsync();
        Assert.Same(before.Session, after.Session);
        Store.Configure("digits", Other);
        await Sut.LoadAsync(Name, CancellationToken.None);
    }

    [Theory]
    [InlineData("broken", "broken on purpose")]
    [InlineData("wide", "inputs or outputs")]
    public async Task Load_FilesAreWrong_IsRefusedWhileTheOldOnesServe(string tag, string reason)
    {
        Store.Add("digits", 1, "10");
        await Sut.LoadAsync(Name, CancellationToken.None);
        Store.Add("digits", 1, tag);

        await AssertRefusedAsync(reason);

        Assert.Equal(ModelState.Ready, (await StateAsync(1)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Load_NewVersionIsBroken_IsRefusedWhileTheOldOneServes(bool isLoaded)
    {
        Store.Add("digits", 1, "10");
        await Sut.LoadAsync(Name, CancellationToken.None);
        if (!isLoaded)
            await Catalog.UnloadAsync(Name);
        Store.Add("digits", 2, "broken");

        await AssertRefusedAsync("Version 2 is not used: broken on purpose");

        Assert.Equal(1, await LatestAsync());
    }

    private Task ApplyAsync(bool isForced) => isForced ? Sut.LoadAsync(Name, CancellationToken.None) : PollTwiceAsync();

    private async Task AssertRefusedAsync(string reason)
    {
        var refused = await Assert.ThrowsAsync<InferenceException>(() => Sut.LoadAsync(Name, CancellationToken.None));
        Assert.Equal(InferenceError.InvalidRequest, refused.Error);
        AssertText.Contains(reason, refused.Message);
    }
}
