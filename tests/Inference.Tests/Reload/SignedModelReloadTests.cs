using System.Globalization;
using Inference.Catalog;
using Inference.Testing;

namespace Inference.Tests.Reload;

/// <summary>
/// A user who can write to the store cannot make a running server use older settings or versions, and cannot make a failure permanent.
/// </summary>
public sealed class SignedModelReloadTests : ReloadScenario
{
    private static readonly DateTimeOffset First = DateTimeOffset.Parse("2026-01-01T00:00:00Z", CultureInfo.InvariantCulture);
    private static readonly DateTimeOffset Second = First.AddDays(1);

    [Theory]
    [InlineData("""{"lifecycle":{"pinned":true},"versions":{"labels":{"other":1}}}""")]
    [InlineData("""{"limits":{"dimensions":{"x[0]":4}}}""")]
    [InlineData(null)]
    public async Task Poll_OlderSettingsOrNone_AreNotUsedByAVersionThatWasSignedWithNewerOnes(string? older)
    {
        Store.Add("digits", 1, "10").Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        (Store.SignedAt, Store.SettingsSignedAt) = (Second, Second);
        Assert.Equal(1, await LabelledAsync("stable"));
        Store.Configure("digits", older);
        Store.SignedAt = First;

        await PollTwiceAsync();

        Assert.Equal(1, await LabelledAsync("stable"));
        var (state, reason) = await StateAsync(1);
        Assert.Equal(ModelState.Ready, state);
        Assert.Contains("it was signed with settings of 2026-01-02 00:00:00Z", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Poll_SettingsSignedLater_AreAcceptedWithoutNewSessions()
    {
        Store.Add("digits", 1, "10").Configure("digits", "{}");
        (Store.SignedAt, Store.SettingsSignedAt) = (First, First);
        Assert.Equal(1, await LatestAsync());
        Store.Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        Store.SignedAt = Second;

        await PollTwiceAsync();

        Assert.Equal(1, await LabelledAsync("stable"));
        Assert.Single(Runtime.Sessions);
    }

    [Theory]
    [InlineData(null, "the store has no signed settings")]
    [InlineData("{}", "those of the store were signed at 2026-01-01 00:00:00Z")]
    public async Task Lease_OlderSettingsOrNoneFromTheStart_IsRefused(string? settings, string reason)
    {
        Store.Add("digits", 1, "10").Configure("digits", settings);
        (Store.SignedAt, Store.SettingsSignedAt) = (First, Second);

        var error = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        AssertText.Contains(reason, error.Message);
    }

    [Fact]
    public async Task Lease_BelowTheMinimum_IsNotServedHoweverItIsNamed()
    {
        Store.Add("digits", 3, "30").Add("digits", 7, "broken").Configure("digits", """{"versions":{"minimum":7}}""");

        var latest = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);
        var named = await Assert.ThrowsAsync<InferenceException>(() => Catalog.LeaseAsync(Name, 3, CancellationToken.None).AsTask());
        Store.Remove("digits", 7);
        await PollTwiceAsync();
        var rolledBack = await Assert.ThrowsAsync<InferenceException>(LeaseAsync);

        Assert.Contains("broken on purpose", latest.Message, StringComparison.Ordinal);
        Assert.Equal(InferenceError.ModelNotFound, named.Error);
        Assert.Contains(
            "is not served: the highest version that its settings serve is 3, and the minimum is 7.", rolledBack.Message, StringComparison.Ordinal);
        Assert.Empty(Runtime.Sessions);
    }

    [Fact]
    public async Task Poll_MinimumRaised_LowerVersionsGo()
    {
        Store.Add("digits", 1, "10").Add("digits", 2, "20").Configure("digits", "{}");
        Assert.Equal(2, await LatestAsync());
        (await Catalog.LeaseAsync(Name, 1, CancellationToken.None)).Dispose();
        Store.Configure("digits", """{"versions":{"minimum":2}}""");

        // The first two checks apply the settings. The next two remove the versions that the settings exclude.
        await PollTwiceAsync();
        await PollTwiceAsync();

        Assert.Equal(2, await LatestAsync());
        await Assert.ThrowsAsync<InferenceException>(() => Catalog.LeaseAsync(Name, 1, CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task Poll_DistrustedVersionRepaired_BecomesTheLatest()
    {
        Store.Add("digits", 1, "10");
        Assert.Equal(1, await LatestAsync());
        Store.Add("digits", 2, "20");
        Store.OnFetch = _ => throw Distrusted();
        await PollTwiceAsync();
        Assert.Equal(1, await LatestAsync());
        Store.Rewrite("digits", 2).OnFetch = _ => Task.CompletedTask;
        Time.Advance(TimeSpan.FromSeconds(30));

        await PollTwiceAsync();

        Assert.Equal(2, await LatestAsync());
    }

    [Fact]
    public async Task Poll_DistrustedFilesOfAVersionInUseRepaired_AreAccepted()
    {
        Store.Add("digits", 1, "10");
        using var before = await LeaseAsync();
        Store.Add("digits", 1, "11");
        Store.OnFetch = _ => throw Distrusted();
        await PollTwiceAsync();
        Assert.Contains("not trusted", (await StateAsync(1)).Reason, StringComparison.Ordinal);
        Store.Rewrite("digits", 1).OnFetch = _ => Task.CompletedTask;

        await PollTwiceAsync();

        using var after = await LeaseAsync();
        Assert.NotSame(before.Session, after.Session);
        Assert.Null((await StateAsync(1)).Reason);
    }

    [Fact]
    public async Task Poll_DistrustedSettingsRepaired_AreAccepted()
    {
        Store.Add("digits", 1, "10").Configure("digits", "{}");
        Assert.Equal(1, await LatestAsync());
        Store.Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        Store.SettingsFailure = Distrusted();
        await PollTwiceAsync();
        Assert.Contains("not trusted", (await StateAsync(1)).Reason, StringComparison.Ordinal);
        Store.SettingsFailure = null;

        await PollTwiceAsync();

        Assert.Equal(1, await LabelledAsync("stable"));
        Assert.Null((await StateAsync(1)).Reason);
    }

    [Fact]
    public async Task Poll_FilesOfAVersionInUseAreNotTrusted_AreTriedAndLoggedOnceForEachWrite()
    {
        Store.Add("digits", 1, "10");
        using var lease = await LeaseAsync();
        Store.Add("digits", 1, "11");
        await AssertTriedOnceAsync();
        Store.Add("digits", 1, "12");
        await AssertTriedOnceAsync();
        Store.Rewrite("digits", 1);
        await AssertTriedOnceAsync();
    }

    [Fact]
    public async Task Poll_HigherVersionIsNotTrusted_IsTriedAndLoggedOnceForEachWrite()
    {
        Store.Add("digits", 1, "10");
        using var lease = await LeaseAsync();
        Store.Add("digits", 2, "20");
        await AssertTriedOnceAsync();
        Store.Rewrite("digits", 2);
        await AssertTriedOnceAsync();
    }

    [Fact]
    public async Task Poll_LabelledVersionIsNotTrusted_IsTriedAndLoggedOnceForEachWrite()
    {
        Store.Add("digits", 1, "10").Add("digits", 2, "20").Configure("digits", "{}");
        using var lease = await LeaseAsync();
        Store.Configure("digits", """{"versions":{"labels":{"stable":1}}}""");
        await AssertTriedOnceAsync();
        Store.Rewrite("digits", 1);
        await AssertTriedOnceAsync();
    }

    /// <summary>The settings are signed, but earlier than the version in use requires.</summary>
    [Fact]
    public async Task Poll_SettingsOfAVersionInUseAreOlder_AreTriedAndLoggedOnceForEachWrite()
    {
        Store.Add("digits", 1, "10").Configure("digits", "{}");
        (Store.SignedAt, Store.SettingsSignedAt) = (Second, Second);
        using var lease = await LeaseAsync();
        Store.Configure("digits", """{"limits":{"dimensions":{"x[0]":4}}}""");
        Store.SignedAt = First;
        await AssertTriedOnceAsync(isFetched: true);
        Store.Configure("digits", """{"limits":{"dimensions":{"x[0]":4}}} """);
        await AssertTriedOnceAsync(isFetched: true);
    }

    [Fact]
    public async Task Load_ByAnOperator_TriesDistrustedFilesAgain()
    {
        Store.Add("digits", 1, "10");
        using var lease = await LeaseAsync();
        Store.Add("digits", 1, "11");
        await AssertTriedOnceAsync();
        Store.OnFetch = _ => Task.CompletedTask;

        await Sut.LoadAsync(Name, CancellationToken.None);

        Assert.Null((await StateAsync(1)).Reason);
    }

    /// <summary>Checks the store many times, with time for a failed load to be forgotten between the checks.</summary>
    /// <param name="isFetched">Whether the files can be fetched, so that only their load fails.</param>
    private async Task AssertTriedOnceAsync(bool isFetched = false)
    {
        if (!isFetched)
            Store.OnFetch = _ => throw Distrusted();
        var (fetches, lines) = (Store.FetchCount, FailedLoads);
        for (var check = 0; check < 6; check++)
        {
            await Sut.PollAsync(CancellationToken.None);
            Time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal((fetches + 1, lines + 1), (Store.FetchCount, FailedLoads));
    }

    private int FailedLoads => Logs.Count(line => line.Contains("is unavailable", StringComparison.Ordinal));

    private static InferenceException Distrusted() =>
        new(InferenceError.ModelUnavailable, "not trusted") { LastsUntilFilesChange = true, IsTrustFailure = true };
}
