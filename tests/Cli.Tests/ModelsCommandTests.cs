namespace Cli.Tests;

public sealed class ModelsCommandTests(ServedModels served) : IClassFixture<ServedModels>
{
    [Fact]
    public async Task Models_ListAndShow_TellStatesAndSignature()
    {
        var list = await CliProcess.RunSuccessfullyAsync("models", "list", "--endpoint", served.Endpoint);
        var show = await CliProcess.RunSuccessfullyAsync("models", "show", "iris", "--endpoint", served.Endpoint);

        Assert.Matches(@"digits +1 +(available|ready) ", list);
        Assert.Matches(@"input +measurements +FP32 +\[-1,4\]", show);
        Assert.Contains("labels: setosa, versicolor, virginica", show, StringComparison.Ordinal);
    }
}
