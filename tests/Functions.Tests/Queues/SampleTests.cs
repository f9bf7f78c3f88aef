using System.Diagnostics;
using System.Reflection;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Every program in samples/, run as its first lines say, against the built server and Azurite.</summary>
[Collection(QueuesCollection.Name)]
public sealed class SampleTests(AzuriteFixture azurite)
{
    private static readonly string Samples =
        typeof(SampleTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Samples").Value!;

    [Theory]
    [InlineData("sh", "predict.sh")]
    [InlineData("python3", "predict.py")]
    [InlineData("node", "predict.mjs")]
    [InlineData("dotnet", "run", "predict.cs")]
    public async Task Sample_AgainstAServerWithAKey_PredictsInfersAndRunsAJob(params string[] command)
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await FunctionsProcess.StartAsync(
            [.. scenario.Settings.Where(setting => setting.Name != "Models__Source"), ("Keys__Function", "s3cret")]);

        var (code, output, errors) = await RunAsync([.. command, process.Client.BaseAddress!.GetLeftPart(UriPartial.Authority)]);

        Assert.True(code == 0, errors + output);
        Assert.Equal("predict: setosa\ninfer: 0.9780903\njob: succeeded, setosa\n", output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Samples_All_AreRun() => Assert.Equal(
        ["predict.cs", "predict.mjs", "predict.py", "predict.sh"],
        Directory.EnumerateFiles(Samples).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Samples, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KEY"] = "s3cret";
        using var program = Process.Start(start)!;
        var output = program.StandardOutput.ReadToEndAsync();
        var errors = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        return (program.ExitCode, await output, errors);
    }
}
