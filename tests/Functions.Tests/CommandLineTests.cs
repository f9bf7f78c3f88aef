using System.Diagnostics;

namespace Functions.Tests;

/// <summary>What the executable says of its arguments, and of a start that cannot be.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--help", 0, "--allow-anonymous")]
    [InlineData("--version", 0, "inference-functions ")]
    [InlineData("--url=http://127.0.0.1:0", 2, "Did you mean \"--urls\"?")]
    [InlineData("--Models__Source=/no/such/folder", 1, "Models__Source is \"/no/such/folder\", and /no/such/folder does not exist. Set Models__Source")]
    [InlineData("--Models:Source=/etc/hostname", 1, "/etc/hostname is a file, not a folder.")]
    [InlineData("--Http:BasePath=x", 1, "Http__BasePath is \"x\"")]
    [InlineData("--InferenceStorage:credential=managedidentity --Models:Source=blob:models", 1, "InferenceStorage__credential is set, and no account is.")]
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
        Assert.Contains(expected, code == 0 ? output : await errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + await errors, StringComparison.Ordinal);
        if (code != 0)
            Assert.Single((await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>After a rollback the settings of the newer version are still there.</summary>
    [Fact]
    public async Task Start_UnknownSetting_IsWarnedOf()
    {
        await using var process = await FunctionsProcess.StartAsync(("Models__Sorce", "/srv/models"));

        await process.WaitForOutputAsync("\"Models__Sorce\" is unknown and has no effect. Did you mean \"Models__Source\"?");
    }
}
