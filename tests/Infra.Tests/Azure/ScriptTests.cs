using System.Globalization;
using System.Runtime.Versioning;
using Inference.Testing;
using Infra.Tests.Support;

namespace Infra.Tests.Azure;

/// <summary>The deployment scripts with an az that writes down how it was called.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScriptTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("deploy.sh")]
    [InlineData("upload-models.sh")]
    public async Task Help_Asked_PrintsTheUsage(string script)
    {
        var run = await RunAsync(script, ["--help"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith($"usage: infra/{script}", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deploy.sh")]
    [InlineData("deploy.sh", "--grop", "g")]
    [InlineData("upload-models.sh", "account")]
    public async Task Run_WrongArguments_PrintsTheUsageAndCallsNothing(string script, params string[] arguments)
    {
        var run = await RunAsync(script, arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("usage:", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Theory]
    [InlineData("--zip", "missing.zip")]
    [InlineData("--parameters", "missing.bicepparam")]
    [InlineData("--models", "missing")]
    public async Task Deploy_FileIsNotThere_NamesItAndCallsNothing(string option, string path)
    {
        var run = await RunAsync("deploy.sh", ["--group", "g", option, path]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"'{path}'", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public async Task Deploy_APackage_MakesResourcesThenUploadsModelsThenDeploysIt()
    {
        var zip = _folder.Combine("app.zip");
        await File.WriteAllTextAsync(zip, "");

        var run = await RunAsync("deploy.sh", ["--group", "g", "--zip", zip]);

        Assert.True(run.ExitCode == 0, run.Errors);
        string[] steps =
        [
            "deployment group create --name inference --resource-group g --parameters infra/dev.bicepparam --parameters deployerPrincipalId=the-id deployerPrincipalType=User",
            "storage blob upload-batch --auth-mode login --account-name the-storageAccountName --destination the-modelsContainer --source models",
            $"functionapp deployment source config-zip --resource-group g --name the-functionAppName --src {zip}",
        ];
        var calls = Calls().Where(call => steps.Any(step => call.StartsWith(step, StringComparison.Ordinal))).ToList();
        Assert.Equal(steps, calls.Select(call => steps.First(step => call.StartsWith(step, StringComparison.Ordinal))).Distinct());
    }

    [Fact]
    public async Task Upload_RoleNotKnownYet_TriesAgain()
    {
        var run = await RunAsync("upload-models.sh", ["account", "models"], failures: 2);

        Assert.True(run.ExitCode == 0, run.Errors);
        // Two attempts that fail at once, and one that uploads versions and both kinds of settings.
        Assert.Equal(2 + 3, Calls().Length);
        Assert.Equal(["*/*/*", "*/model.json", "*/config.pbtxt"], Calls()[2..].Select(call => call.Split("--pattern ")[1].Split(' ')[0]));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Calls() => File.Exists(_folder.Combine("calls")) ? File.ReadAllLines(_folder.Combine("calls")) : [];

    private Task<Tool> RunAsync(string script, string[] arguments, int failures = 0)
    {
        // Answers a query for an output or an id with its name, and fails the first uploads when told to.
        File.WriteAllText(_folder.Combine("az"), """
            #!/usr/bin/env bash
            echo "$*" >>"$CALLS"
            case "$*" in
              *upload-batch*) [ "$(grep -c upload-batch "$CALLS")" -gt "$FAILURES" ] ;;
              *user.type*) echo user ;;
              *properties.outputs.*) sed 's/.*properties\.outputs\.\([A-Za-z]*\)\..*/the-\1/' <<<"$*" ;;
              *'--query id'*) echo the-id ;;
            esac
            """.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(_folder.Combine("az"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        return Tool.RunAsync(
            "bash",
            [Path.Combine(Repository.Infra, script), .. arguments],
            null,
            ("PATH", $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"),
            ("CALLS", _folder.Combine("calls")),
            ("UPLOAD_RETRY_SECONDS", "0"),
            ("FAILURES", failures.ToString(CultureInfo.InvariantCulture)));
    }
}
