using System.Diagnostics;
using System.Reflection;
using Azure.Storage.Sas;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Runs every program in samples/ as its first lines describe, with the built server and Azurite.</summary>
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
        await using var process = await StartAsync(scenario);

        var output = await RunAsync([.. command, Address(process)]);

        Assert.Equal("predict: setosa\ninfer: 0.9780903\njob: succeeded, setosa\n", output);
    }

    [Theory]
    [InlineData("sh", "enqueue.sh")]
    [InlineData("python3", "enqueue.py")]
    [InlineData("node", "enqueue.mjs")]
    [InlineData("dotnet", "run", "enqueue.cs")]
    public async Task Sample_WithAQueueAndNoMoreThanItNeeds_GetsItsResult(params string[] command)
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await StartAsync(scenario);
        var expires = DateTimeOffset.UtcNow.AddHours(1);

        var output = await RunAsync([
            .. command, scenario.Queue.GenerateSasUri(QueueSasPermissions.Add, expires).AbsoluteUri,
            scenario.Container.GenerateSasUri(BlobContainerSasPermissions.Read, expires).AbsoluteUri,
        ]);

        Assert.Equal("queue: succeeded, setosa\n", output);
    }

    [TritonClientFact]
    public async Task Sample_WithTritonsClient_Infers()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await StartAsync(scenario);

        Assert.Equal("live: True\ninfer: 0.9780903\n", await RunAsync(["python3", "triton_client.py", Address(process)]));
    }

    /// <summary>Editors send the requests of this file. The test replaces the variables as editors do.</summary>
    [Fact]
    public async Task Sample_HttpFile_EveryRequestSucceeds()
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "s3cret"));
        var text =
            (await File.ReadAllTextAsync(Path.Combine(Samples, "predict.http"))).Replace("{{key}}", "s3cret", StringComparison.Ordinal);
        var requests =
            text.Split("\n###").Skip(1).Select(request => request[(request.IndexOf('\n', StringComparison.Ordinal) + 1)..]).ToList();

        Assert.True(requests.Count > 4, text);
        foreach (var request in requests)
        {
            using var message = Parse(request);
            using var response = await process.Client.SendAsync(message);
            Assert.True(response.IsSuccessStatusCode, $"{request}\n{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public void Samples_All_AreRun() => Assert.Equal(
        [
            "README.md", "enqueue.cs", "enqueue.mjs", "enqueue.py", "enqueue.sh", "predict.cs", "predict.http", "predict.mjs", "predict.py",
            "predict.sh",
            "sas.py", "train_flowers.py", "triton_client.py",
        ],
        Directory.EnumerateFiles(Samples).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    /// <summary>
    /// Python looks for modules in the program's folder first. A sample with the name of a standard module would replace this module for
    /// all samples.
    /// </summary>
    [Fact]
    public async Task Samples_InPython_AreNamedUnlikePythonsOwnModules() => Assert.Equal(
        "[]\n",
        await RunAsync(
            ["python3", "-c",
                "import pathlib, sys; print([file.name for file in pathlib.Path().glob('*.py') if file.stem in sys.stdlib_module_names])"]));

    /// <param name="text">A request line and header lines; the body follows after an empty line.</param>
    private static HttpRequestMessage Parse(string text)
    {
        var parts = text.Trim().Split("\n\n", 2);
        var lines = parts[0].Split('\n');
        var target = lines[0].Split(' ');
        var headers = lines[1..].Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var message = new HttpRequestMessage(HttpMethod.Parse(target[0]), target[1].Replace("{{address}}", "", StringComparison.Ordinal));
        if (parts.Length > 1)
            message.Content = new StringContent(parts[1], null, headers["Content-Type"]);
        if (headers.TryGetValue("x-functions-key", out var key))
            message.Headers.Add("x-functions-key", key);
        return message;
    }

    private static string Address(FunctionsProcess process) => process.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    private static Task<FunctionsProcess> StartAsync(PredictionScenario scenario) => FunctionsProcess.StartAsync(
        [.. scenario.Settings.Where(setting => setting.Name != "Models__Source"), ("Keys__Function", "s3cret")]);

    private static async Task<string> RunAsync(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Samples,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.Environment["KEY"] = "s3cret";
        using var program = Process.Start(start)!;
        var output = program.StandardOutput.ReadToEndAsync();
        var errors = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        Assert.True(program.ExitCode == 0, errors + await output);
        return (await output).ReplaceLineEndings("\n");
    }

    /// <summary>A test that is skipped if Python has no tritonclient. Neither Debian nor NuGet has this package.</summary>
    private sealed class TritonClientFactAttribute : FactAttribute
    {
        public TritonClientFactAttribute()
        {
            using var python =
                Process.Start(new ProcessStartInfo("python3", ["-c", "import tritonclient.http"]) { RedirectStandardError = true })!;
            python.WaitForExit();
            Skip = python.ExitCode == 0 ? null : Reason;
        }

        private static string Reason => "Python has no tritonclient: pip install 'tritonclient[http]'.";
    }
}
