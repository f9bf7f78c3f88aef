using Inference.Testing;
using Infra.Tests.Support;

namespace Infra.Tests.Azure;

/// <summary>Checks the Bicep files with the Bicep compiler. It exits with 0 after a warning, so any output is a failure.</summary>
public sealed class BicepTests
{
    [Fact]
    public async Task Lint_TemplateWithItsModules_SaysNothing() =>
        Silent(await BicepCli.RunAsync(Repository.Infra, ["lint", "main.bicep"]));

    [Fact]
    public async Task BuildParams_EveryParameterFile_SaysNothing()
    {
        using var folder = BicepCli.CopyOfFiles();

        Silent(await BicepCli.RunAsync(folder.Path, ["build-params", "--pattern", "*.bicepparam"]));

        Assert.True(File.Exists(folder.Combine("dev.json")));
        Assert.True(File.Exists(folder.Combine("prod.json")));
    }

    [Fact]
    public async Task Format_EveryFile_ChangesNothing()
    {
        using var folder = BicepCli.CopyOfFiles();

        Silent(await BicepCli.RunAsync(folder.Path, ["format", "--pattern", "**/*.bicep*"]));

        Assert.All(Directory.EnumerateFiles(folder.Path, "*.bicep*", SearchOption.AllDirectories), file => Assert.Equal(
            File.ReadAllText(Path.Combine(Repository.Infra, Path.GetRelativePath(folder.Path, file))),
            File.ReadAllText(file)));
    }

    /// <summary>
    /// The compiler ignores an unknown rule in bicepconfig.json, so a misspelt rule would go unnoticed without this test.
    /// </summary>
    [Fact]
    public async Task Lint_BadTemplate_IsRefusedByTheStrictRules()
    {
        using var folder = new TempFolder();
        File.Copy(Path.Combine(Repository.Infra, "bicepconfig.json"), folder.Combine("bicepconfig.json"));
        await File.WriteAllTextAsync(folder.Combine("main.bicep"), """
            param unused string
            output url string = 'https://management.azure.com'
            """);

        var lint = await BicepCli.RunAsync(folder.Path, ["lint", "main.bicep"]);

        Assert.NotEqual(0, lint.ExitCode);
        Assert.Contains("Error no-unused-params", lint.Errors, StringComparison.Ordinal);
        Assert.Contains("Error no-hardcoded-env-urls", lint.Errors, StringComparison.Ordinal);
    }

    private static void Silent(ToolResult run) => Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Errors));
}
