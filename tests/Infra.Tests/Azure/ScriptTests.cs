using System.Runtime.Versioning;
using Inference.Testing;
using Infra.Tests.Support;

namespace Infra.Tests.Azure;

/// <summary>Runs the deployment scripts with a fake az, dotnet and curl that record their calls.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScriptTests : IDisposable
{
    private static readonly string[] CheckArguments = ["group", "app", "http://app", "deploy the other one"];

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("deploy.sh")]
    [InlineData("upload-models.sh")]
    [InlineData("package.sh")]
    [InlineData("check-deployment.sh")]
    public async Task Help_Requested_PrintsTheUsage(string script)
    {
        var run = await RunAsync(script, ["--help"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith($"usage: infra/{script}", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deploy.sh")]
    [InlineData("deploy.sh", "--grop", "g")]
    [InlineData("upload-models.sh", "account")]
    [InlineData("package.sh")]
    [InlineData("package.sh", "app.zip", "microsoft")]
    [InlineData("package.sh", "app.zip", "official", "native")]
    [InlineData("check-deployment.sh", "group", "app", "http://127.0.0.1:1")]
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

    [Theory]
    [InlineData("microsoft", "dotnet-isolated")]
    [InlineData("native", "go")]
    [InlineData("official", "native")]
    public async Task Deploy_EngineAndRuntimeDoNotGoTogether_NamesBothAndCallsNothing(string engine, string runtime)
    {
        var run = await RunAsync("deploy.sh", ["--group", "g", "--engine", engine, "--azure-runtime", runtime]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"'{engine}'", run.Errors, StringComparison.Ordinal);
        Assert.Contains($"'{runtime}'", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Theory]
    [InlineData(new string[0], "-o artifacts/app ")]
    [InlineData(new[] { "native" }, "-o artifacts/app ")]
    [InlineData(new[] { "official" }, "-o artifacts/official -p:FunctionsWorker=Official --self-contained false ")]
    [InlineData(new[] { "native", "native" }, "-o artifacts/native-runtime -p:AzureRuntime=native ")]
    public async Task Package_EngineAndRuntime_ArePublished(string[] choice, string options)
    {
        var run = await RunAsync("package.sh", ["app.zip", .. choice]);

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal([$"dotnet publish src/Functions -c Release -r linux-x64 {options}-p:PublishZip=app.zip"], Calls());
    }

    [Fact]
    public async Task Check_AppPredictsTheDigit_Succeeds()
    {
        var run = await RunAsync("check-deployment.sh", CheckArguments, ("DIGIT", "7"));

        Assert.True(run.ExitCode == 0, run.Errors);
        var calls = Calls();
        Assert.Equal(
            ["http://app/health/ready", "http://app/models/digits/predict"],
            calls.Where(call => call.StartsWith("curl ", StringComparison.Ordinal)).Select(call => call.Split(' ')[^1]));
        Assert.Contains(calls, call => call.Contains("x-functions-key: the-functionKeys.default", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    public async Task Check_AppDoesNotPredictTheDigit_ShowsTheHostsStatusAndTheOtherEnginesCommand(string digit)
    {
        var run = await RunAsync("check-deployment.sh", CheckArguments, ("DIGIT", digit));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("host status with the-masterKey", run.Errors, StringComparison.Ordinal);
        Assert.Contains("\n  deploy the other one\n", run.Errors, StringComparison.Ordinal);
        Assert.Equal(2, Calls().Count(call => call.EndsWith("/health/ready", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Deploy_APackage_MakesResourcesThenUploadsModelsThenDeploysIt()
    {
        var zip = _folder.Combine("app.zip");
        await File.WriteAllTextAsync(zip, "");

        var run = await RunAsync("deploy.sh", ["--group", "g", "--zip", zip, "--engine", "official"], ("DIGIT", "7"));

        Assert.True(run.ExitCode == 0, run.Errors);
        string[] steps =
        [
            "deployment group create --name inference --resource-group g --parameters infra/dev.bicepparam --parameters "
            + "deployerPrincipalId=the-id deployerPrincipalType=User engine=official azureRuntime=dotnet-isolated",
            "storage blob upload-batch --auth-mode login --account-name the-storageAccountName --destination the-modelsContainer --source "
            + "models",
            $"functionapp deployment source config-zip --resource-group g --name the-functionAppName --src {zip}",
            "curl --silent --fail --max-time 60 --output /dev/null the-functionAppUrl/health/ready",
        ];
        var calls = Calls().Where(call => steps.Any(step => call.StartsWith(step, StringComparison.Ordinal))).ToList();
        Assert.Equal(steps, calls.Select(call => steps.First(step => call.StartsWith(step, StringComparison.Ordinal))).Distinct());
    }

    [Fact]
    public async Task Upload_RoleNotKnownYet_TriesAgain()
    {
        var run = await RunAsync("upload-models.sh", ["account", "models"], ("FAILURES", "2"));

        Assert.True(run.ExitCode == 0, run.Errors);
        // Two attempts fail with their first call. The third attempt uploads the versions and both kinds of settings.
        Assert.Equal(2 + 3, Calls().Length);
        Assert.Equal(["*/*/*", "*/model.json", "*/config.pbtxt"], Calls()[2..].Select(call => call.Split("--pattern ")[1].Split(' ')[0]));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Calls() => File.Exists(_folder.Combine("calls")) ? File.ReadAllLines(_folder.Combine("calls")) : [];

    private void Write(string tool, string script)
    {
        File.WriteAllText(_folder.Combine(tool), $"#!/usr/bin/env bash\n{script.ReplaceLineEndings("\n")}");
        File.SetUnixFileMode(_folder.Combine(tool), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }

    private Task<ToolResult> RunAsync(string script, string[] arguments, params (string Name, string Value)[] variables)
    {
        // The fake az answers a query for an output or an id with the name, and fails the first FAILURES uploads.
        Write("az", """
            echo "$*" >>"$CALLS"
            case "$*" in
              *upload-batch*) [ "$(grep -c upload-batch "$CALLS")" -gt "${FAILURES:-0}" ] ;;
              *'keys list'*) sed 's/.*--query \([A-Za-z.]*\).*/the-\1/' <<<"$*" ;;
              *user.type*) echo user ;;
              *properties.outputs.*) sed 's/.*properties\.outputs\.\([A-Za-z]*\)\..*/the-\1/' <<<"$*" ;;
              *'--query id'*) echo the-id ;;
            esac
            """);
        Write("dotnet", """echo "dotnet $*" >>"$CALLS" """);
        // The fake curl returns a prediction of the digit in DIGIT, and fails when DIGIT is empty.
        Write("curl", """
            echo "curl $*" >>"$CALLS"
            case "$*" in
              */admin/host/status) sed 's/.*x-functions-key: \([A-Za-z-]*\) .*/host status with \1/' <<<"$*" ;;
              *) [ -n "${DIGIT:-}" ] && echo "{\"labels\":[[{\"label\":\"$DIGIT\",\"score\":1},{\"label\":\"7\",\"score\":0}]]}" ;;
            esac
            """);
        return ToolResult.RunAsync(
            "bash",
            [Path.Combine(Repository.Infra, script), .. arguments],
            null,
            [
                ("PATH", $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"),
                ("CALLS", _folder.Combine("calls")),
                ("UPLOAD_RETRY_SECONDS", "0"),
                ("CHECK_SECONDS", "0"),
                ("CHECK_ATTEMPTS", "2"),
                .. variables,
            ]);
    }
}
