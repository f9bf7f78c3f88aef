using Inference.Models.Contracts;
using Inference.Reload;
using Inference.Testing;
using Inference.Tests.Catalog;

namespace Inference.Tests.Reload;

/// <summary>A new session replaces the old one when its examination has ended, so that a reload costs no throughput.</summary>
public sealed class ReloadExaminationTests : ReloadScenario
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Poll_NewFilesAreStillExamined_TheOldOnesServeUntilTheVerdict(long version)
    {
        Store.Add("digits", 1, "10");
        (await LeaseAsync()).Dispose();
        var examined = new TaskCompletionSource();
        Runtime.Examined = examined.Task;
        Store.Add("digits", version, "20");

        var look = PollTwiceAsync();
        while (Runtime.Sessions.Count < 2 || Runtime.Sessions.Any(session => session.Tag == "20" && session.Runs == 0))
            await Task.Delay(1);
        Assert.False(look.IsCompleted);
        Assert.Equal("10", await TagAsync());
        examined.SetResult();
        await look;

        Assert.Equal("20", await TagAsync());
        Assert.Equal(BatchContractKind.Proven, (await Catalog.ListAsync(Name, CancellationToken.None))[^1].Contract!.Kind);
    }

    /// <summary>A new version has no requests yet, so its examination must not wait until a first request has run.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Poll_NewFilesAreExamined_TheExaminationBeginsAtOnce(long version)
    {
        Store.Add("digits", 1, "10");
        (await LeaseAsync()).Dispose();
        var examined = new TaskCompletionSource();
        Runtime.Examined = examined.Task;
        Runtime.OnExamination = () => examined.TrySetResult();
        Store.Add("digits", version, "20");

        await PollTwiceAsync().WaitAsync(WaitLimit.Step);

        Assert.Equal("20", await TagAsync());
    }

    [Fact]
    public async Task Poll_ExaminationDoesNotEnd_TheNewFilesTakeOverAllTheSame()
    {
        Store.Add("digits", 1, "10");
        (await LeaseAsync()).Dispose();
        Runtime.Examined = new TaskCompletionSource().Task;
        Store.Add("digits", 1, "11");
        var started = Time.GetTimestamp();

        var reload = Sut.ReloadAsync(Name, CancellationToken.None);
        // The load and the comparison have time limits, too, so the clock stands still until the new session has run.
        while (!reload.IsCompleted && !Runtime.Sessions.Any(session => session.Tag == "11" && session.Runs > 0))
            await Task.Delay(1);
        while (!reload.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(0.25));
            await Task.Delay(5);
        }

        await reload;
        Assert.Equal("11", await TagAsync());
        Assert.True(Time.GetElapsedTime(started) >= Replacement.ExaminationLimit);
    }

    private async Task<string> TagAsync()
    {
        using var lease = await LeaseAsync();
        return ((TaggedRuntime.Session)lease.Session).Tag;
    }
}
