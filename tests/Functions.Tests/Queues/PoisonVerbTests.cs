using System.Diagnostics;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary><c>Functions poison ...</c>, as an operator runs it.</summary>
[Collection(QueuesCollection.Name)]
public sealed class PoisonVerbTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task List_Replay_Drop_ActOnWhatIsAskedForAndLeaveTheRest()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await PoisonAsync(scenario, ("a", "overloaded"), ("b", "modelUnavailable"), ("c", "modelUnavailable"));
        await scenario.Poison.SendMessageAsync("hello");

        var list = await RunAsync(scenario, "list");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("4 of 4", list.Output, StringComparison.Ordinal);
        Assert.Matches(@"b +modelUnavailable +\d{4}-\d\d-\d\dT.* reason of b", list.Output);

        var refused = await RunAsync(scenario, "replay", "--error", "modelUnavailable");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--yes", refused.Output, StringComparison.Ordinal);

        var replay = await RunAsync(scenario, "replay", "--error", "modelUnavailable", "--yes");
        Assert.Equal((0, true), (replay.ExitCode, replay.Output.Contains("2 replayed.", StringComparison.Ordinal)));
        var replayed = new[] { await PredictionScenario.ReceiveAsync(scenario.Queue), await PredictionScenario.ReceiveAsync(scenario.Queue) };
        Assert.Equal([PredictionScenario.Message("b"), PredictionScenario.Message("c")], replayed.Order());
        Assert.False(await scenario.Container.GetBlobClient("b.json").ExistsAsync());
        Assert.True(await scenario.Container.GetBlobClient("a.json").ExistsAsync());

        Assert.Contains("1 dropped.", (await RunAsync(scenario, "drop", "--id", "a", "--yes")).Output, StringComparison.Ordinal);
        Assert.Contains("1 dropped.", (await RunAsync(scenario, "drop", "--all", "--yes")).Output, StringComparison.Ordinal);
        Assert.Contains("0 of 0", (await RunAsync(scenario, "list", "--all")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("eat")]
    [InlineData("0")]
    [InlineData("replay")]
    [InlineData("drop", "--yes")]
    [InlineData("list", "--all", "--id", "a")]
    [InlineData("drop", "--id")]
    public async Task WrongUsage_TellsTheRightOne(params string[] arguments)
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);

        var run = await RunAsync(scenario, arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Functions poison list", run.Output, StringComparison.Ordinal);
    }

    private static async Task PoisonAsync(PredictionScenario scenario, params (string Id, string Code)[] messages)
    {
        foreach (var (id, code) in messages)
        {
            await scenario.Poison.SendMessageAsync(PredictionScenario.Message(id));
            await scenario.UploadAsync(
                $"{id}.json", $$"""{"id":"{{id}}","status":"failed","error":{"code":"{{code}}","message":"reason of {{id}}"} }""");
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(PredictionScenario scenario, params string[] arguments)
    {
        var start = new ProcessStartInfo(FunctionsProcess.Executable, ["poison", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in scenario.Settings)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
