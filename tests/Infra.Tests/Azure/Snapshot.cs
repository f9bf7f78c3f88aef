using System.Text.Json;

namespace Infra.Tests.Azure;

/// <summary>The resources that a parameter file would deploy, with evaluated names and conditions. Bicep calls this a snapshot.</summary>
internal sealed class Snapshot(JsonElement root)
{
    private const string Deployer = "11111111-1111-1111-1111-111111111111";

    public string Text => root.GetRawText();

    public IReadOnlyList<string> Outputs => root.GetProperty("outputs").ValueKind == JsonValueKind.Object
        ? [.. root.GetProperty("outputs").EnumerateObject().Select(output => output.Name)]
        : [];

    public static async Task<Snapshot> TakeAsync(string parameterFile, params (string Name, string Value)[] environment)
    {
        // Bicep writes the snapshot beside the parameter file.
        using var folder = BicepCli.CopyOfFiles();
        var run = await BicepCli.RunAsync(
            folder.Path,
            [
                "snapshot", parameterFile, "--mode", "overwrite", "--resource-group", "group", "--location", "westeurope",
                "--deployment-name", "inference", "--subscription-id", "00000000-0000-0000-0000-000000000001",
            ],
            [("AZURE_PRINCIPAL_ID", Deployer), .. environment]);
        Assert.True(run is { ExitCode: 0, Errors: "" }, run.Errors);
        return new(
            JsonDocument.Parse(
                await File.ReadAllTextAsync(folder.Combine(Path.ChangeExtension(parameterFile, ".snapshot.json")))).RootElement);
    }

    public IReadOnlyList<JsonElement> All(string type) =>
        [.. root.GetProperty("predictedResources").EnumerateArray().Where(resource => resource.GetProperty("type").GetString() == type)];

    public JsonElement One(string type) => Assert.Single(All(type));

    /// <summary>Returns the names of the resources of a type, without the names of their parents.</summary>
    public IReadOnlyList<string> Names(string type) =>
        [.. All(type).Select(resource => resource.GetProperty("name").GetString()!.Split('/')[^1]).Order(StringComparer.Ordinal)];

    public JsonElement AppSettings =>
        All("Microsoft.Web/sites/config")
            .Single(config => config.GetProperty("name").GetString()!.EndsWith("/appsettings", StringComparison.Ordinal))
            .GetProperty("properties");
}
