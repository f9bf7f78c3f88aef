using System.Diagnostics;
using System.Net;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests the executable's messages about wrong arguments and about settings that prevent a start.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--help", 0, "--allow-anonymous")]
    [InlineData("--version", 0, "inference-functions ")]
    [InlineData("--url=http://127.0.0.1:0", 2, "Did you mean \"--urls\"?")]
    [InlineData("--Models__Source=/no/such/folder", 1,
        "Models__Source is \"/no/such/folder\", and /no/such/folder does not exist. Set Models__Source")]
    [InlineData("--Models:Source=/etc/hostname", 1, "/etc/hostname is a file, not a folder.")]
    [InlineData("--Http:BasePath=x", 1, "Http__BasePath is \"x\"")]
    [InlineData("--InferenceStorage:credential=managedidentity --Models:Source=blob:models", 1,
        "InferenceStorage__credential is set, but no account is.")]
    public async Task Start_Arguments_AreAnsweredInOneLineWithTheExitCode(string arguments, int code, string expected)
    {
        var start = new ProcessStartInfo(FunctionsProcess.Executable, ["--urls", "http://127.0.0.1:0", .. arguments.Split(' ')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(code, process.ExitCode);
        AssertText.Contains(expected, code == 0 ? output : await errors);
        Assert.DoesNotContain("   at ", output + await errors, StringComparison.Ordinal);
        if (code != 0)
            Assert.Single((await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>
    /// An unknown setting must not prevent the start, because after a rollback the settings of the newer version are still set.
    /// </summary>
    [Fact]
    public async Task Start_UnknownSetting_IsWarnedOf()
    {
        await using var process = await FunctionsProcess.StartAsync(("Models__Sorce", "/srv/models"), ("Remote__Keys__a__Rotation", "x"));

        await process.WaitForOutputAsync("\"Models__Sorce\" is unknown and has no effect. Did you mean \"Models__Source\"?");
        await process.WaitForOutputAsync("\"Remote__Keys__a__Rotation\" is unknown and has no effect.");
    }

    /// <summary>The log and the response have the same text, which names the missing setting and no account.</summary>
    [Fact]
    public async Task Start_HalfSetStorageAccount_IsNamedInTheLogAndByTheRoutesOfJobs()
    {
        const string Problem = "AzureWebJobsStorage__blobServiceUri is set, but queues need AzureWebJobsStorage__queueServiceUri. "
            + "Set AzureWebJobsStorage__queueServiceUri to https://<account>.queue.core.windows.net, "
            + "or AzureWebJobsStorage__accountName to the name of the account instead of AzureWebJobsStorage__blobServiceUri.";
        await using var process =
            await FunctionsProcess.StartAsync(("AzureWebJobsStorage__blobServiceUri", "https://acct.blob.core.windows.net"));

        using var response = await process.Client.GetAsync("/jobs/inferctl-doctor");

        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Equal("storageSettings", Assert.Single(response.Headers.GetValues("Inference-Error-Code")));
        Assert.Contains(Problem, body, StringComparison.Ordinal);
        await process.WaitForOutputAsync($"Jobs and queues cannot use their storage account. {Problem}");
        await process.WaitForOutputAsync($"is off: {Problem}");
    }
}
