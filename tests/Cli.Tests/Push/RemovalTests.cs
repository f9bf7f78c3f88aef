using Functions.Tests;

namespace Cli.Tests.Push;

/// <summary>Tests removals of pushed versions that the settings of their model name.</summary>
public sealed class RemovalTests : IDisposable
{
    private readonly ModelFolder _served = new();

    /// <summary>Without its versions, a traffic split refuses all requests that name no version.</summary>
    [Theory]
    [InlineData("""{"versions":{"traffic":[{"version":1,"percent":100}]}}""",
        "None of its versions is served, so requests that name no version are refused.")]
    [InlineData("""{"versions":{"labels":{"gone":7,"stable":1}}}""",
        "warning: model.json: $.versions.labels.stable: It points at version 1, which does not exist. After the removal, the store has "
        + "version 2.")]
    [InlineData("""{"versions":{"serve":{"specific":[1]}}}""", "warning: Model m is not served: its settings serve only version 1")]
    public async Task Remove_AVersionThatTheSettingsName_Warns(string settings, string warning)
    {
        _served.WriteScaling("m", 1, 2);
        _served.WriteScaling("m", 2, 3);
        _served.WriteScaling("m", 3, 4);
        _served.Write(settings, "m", "model.json");

        var other = await CliProcess.RunAsync("models", "remove", "m", "--version", "3", "--yes", "--store", _served.Path);
        var asked = await CliProcess.RunAsync("models", "remove", "m", "--version", "1", "--store", _served.Path);
        var removed = await CliProcess.RunAsync("models", "remove", "m", "--version", "1", "--yes", "--store", _served.Path);

        Assert.Equal(("", 0), (other.Error, other.ExitCode));
        Assert.All((CliResult[])[asked, removed], result =>
        {
            Assert.Contains(warning, result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("labels.gone", result.Error, StringComparison.Ordinal);
        });
        Assert.Equal((2, 0), (asked.ExitCode, removed.ExitCode));
    }

    [Fact]
    public async Task Remove_AVersionOfAModelWithUnreadableSettings_DeletesIt()
    {
        _served.WriteScaling("m", 1, 2);
        _served.WriteScaling("m", 2, 3);
        File.CreateSymbolicLink(_served.PathOf("m", "model.json"), "nowhere");

        var result = await CliProcess.RunAsync("models", "remove", "m", "--version", "1", "--yes", "--store", _served.Path);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m", "1")));
    }

    public void Dispose() => _served.Dispose();
}
