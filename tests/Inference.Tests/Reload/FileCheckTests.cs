using Inference.Catalog;

namespace Inference.Tests.Reload;

/// <summary>The check of files that no request has named.</summary>
public sealed class FileCheckTests : ReloadScenario
{
    private static readonly (ModelState, string?) Garbage = (ModelState.Failed, "Model digits/1 does not load. It is garbage.");

    [Fact]
    public async Task Poll_SameFilesTwice_AreReadOnceAndShown()
    {
        Store.Add("other", 1, "10");
        await PollTwiceAsync();
        Store.Add("digits", 1, "garbage").Add("digits", 2, "20");
        var before = Store.OpenCount;

        await Sut.PollAsync(CancellationToken.None);
        Assert.Equal((ModelState.Available, null), await StateAsync(1));
        Assert.Equal(before, Store.OpenCount);
        await PollTwiceAsync();

        Assert.Equal(Garbage, await StateAsync(1));
        Assert.Equal((ModelState.Available, null), await StateAsync(2));
        Assert.Equal(before + 2, Store.OpenCount);
    }

    /// <summary>A reader of the log may request the status at once.</summary>
    [Fact]
    public async Task Poll_FileIsGarbage_IsLoggedWhenTheStatusHasTheReason()
    {
        Store.Add("other", 1, "10");
        await PollTwiceAsync();
        Store.Add("digits", 1, "garbage");
        await Sut.PollAsync(CancellationToken.None);
        var version = (await Catalog.ListAsync(Name, CancellationToken.None)).Single().Version;
        var shown = new List<string?>();
        OnLog = line =>
        {
            if (line.Contains("does not load", StringComparison.Ordinal))
                shown.Add(Catalog.Loader.FileChecks.FindProblem(version));
        };

        await PollTwiceAsync();

        Assert.Equal(Garbage.Item2, Assert.Single(shown));
    }

    [Fact]
    public async Task Poll_FilesChange_TheReasonDisappears()
    {
        Store.Add("digits", 1, "garbage");
        await PollTwiceAsync();
        Assert.Equal(Garbage, await StateAsync(1));

        Store.Add("digits", 1, "10");
        await Sut.PollAsync(CancellationToken.None);

        Assert.Equal((ModelState.Available, null), await StateAsync(1));
    }

    /// <summary>The result of the check is only shown. The runtime decides whether the model loads.</summary>
    [Fact]
    public async Task Lease_OfAFileThatLooksWrong_IsStillTried()
    {
        Store.Add("digits", 1, "garbage");
        await PollTwiceAsync();

        (await LeaseAsync()).Dispose();

        Assert.Equal((ModelState.Ready, null), await StateAsync(1));
    }

    [Fact]
    public async Task Poll_ManyFiles_AreReadAHundredPerPoll()
    {
        for (var version = 1; version <= 250; version++)
            Store.Add("digits", version, "10");
        int[] expected = [100, 200, 250, 250];

        foreach (var opens in expected)
        {
            await Sut.PollAsync(CancellationToken.None);
            Assert.Equal(opens, Store.OpenCount);
        }
    }

    [Fact]
    public async Task Poll_FileCannotBeRead_IsReadAgain()
    {
        Store.Add("digits", 1, "garbage");
        Store.OpenFailure = new IOException("unreadable");
        await PollTwiceAsync();
        Assert.Equal((ModelState.Available, null), await StateAsync(1));
        Store.OpenFailure = null;

        await Sut.PollAsync(CancellationToken.None);

        Assert.Equal(Garbage, await StateAsync(1));
    }
}
