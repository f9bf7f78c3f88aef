using System.Reflection;
using System.Text.RegularExpressions;
using Functions.Hosting.Configuration;
using Inference.Testing;

namespace Functions.Tests.Hosting;

public sealed partial class KnownSettingsTests
{
    [Theory]
    [InlineData("Models:Sorce", "\"Models__Sorce\" is unknown and has no effect. Did you mean \"Models__Source\"?")]
    [InlineData("Model:Source", "Did you mean \"Models__Source\"?")]
    [InlineData("MODELS_SOURCE", "Did you mean \"Models__Source\"?")]
    [InlineData("Models.Source", "Did you mean \"Models__Source\"?")]
    [InlineData("Http:Cors:Origin", "Did you mean \"Http__Cors__Origins\"?")]
    [InlineData("Keys:Fonction", "Did you mean \"Keys__Function\"?")]
    [InlineData("Remote:Keys:triton:Orgin", "Did you mean \"Remote__Keys__triton__Origin\"?")]
    [InlineData("Predictions:Zzz", "\"Predictions__Zzz\" is unknown and has no effect.")]
    [InlineData("Remote:Keys:triton:Rotation", "\"Remote__Keys__triton__Rotation\" is unknown and has no effect.")]
    [InlineData("InferenceStorage:acountName", "Did you mean \"InferenceStorage__accountName\"?")]
    [InlineData("InferenceStorage:fileServiceUrl", "Did you mean \"InferenceStorage__fileServiceUri\"?")]
    [InlineData("AzureWebJobsStorage:blobServiceUrl", "Did you mean \"AzureWebJobsStorage__blobServiceUri\"?")]
    [InlineData("InferenceStorage:connectionString", "Did you mean \"InferenceStorage\"?")]
    [InlineData("AzureWebJobsStorage:conectionString", "Did you mean \"AzureWebJobsStorage\"?")]
    [InlineData("InferenceStorge", "\"InferenceStorge\" is unknown and has no effect. Did you mean \"InferenceStorage\"?")]
    [InlineData("InferenceStorge:accountName", "Did you mean \"InferenceStorage__accountName\"?")]
    [InlineData("INFERENCE_STORAGE", "Did you mean \"InferenceStorage\"?")]
    [InlineData("AzureWebJobStorage", "Did you mean \"AzureWebJobsStorage\"?")]
    [InlineData("AzureWebJobsStorge", "Did you mean \"AzureWebJobsStorage\"?")]
    public void FindProblem_UnknownName_SuggestsASimilarName(string key, string expected) =>
        AssertText.Contains(expected, KnownSettings.FindProblem(key));

    [Theory]
    [InlineData("models:source")]
    [InlineData("Remote:Keys:triton:Value")]
    [InlineData("InferenceStorage:accountName")]
    [InlineData("AzureWebJobsStorage")]
    [InlineData("AzureWebJobsStorage:credential")]
    [InlineData("InferenceStorage")]
    [InlineData("AzureWebJobs:Status:Disabled")]
    [InlineData("AzureWebJobs.Status.Disabled")]
    [InlineData("AzureWebJobsDashboard")]
    [InlineData("AzureWebJobsSecretStorageType")]
    [InlineData("AzureWebJobsScriptRoot")]
    [InlineData("AZURE_STORAGE_ACCOUNT")]
    [InlineData("MODELS_PORT_80_TCP")]
    [InlineData("HTTP_PORTS")]
    [InlineData("http_proxy")]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("PATH")]
    public void FindProblem_KnownNameOrAnothers_IsNull(string key) => Assert.Null(KnownSettings.FindProblem(key));

    /// <summary>The page must list every setting of the server, and no other setting.</summary>
    [Fact]
    public void Names_OfTheSections_AreThoseOfTheDocuments()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "settings.md"));
        var documented = Setting().Matches(page)
            .Select(match =>
                match.Groups[1].Value.Replace("<name>", "*", StringComparison.Ordinal).Replace("__", ":", StringComparison.Ordinal))
            .Where(key => KnownSettings.Sections.Contains(key.Split(':')[0]));

        AssertText.SameItems(
            ("KnownSettings.cs", KnownSettings.Names),
            ("docs/settings.md", documented),
            "KnownSettings.cs and docs/settings.md must name the same settings.");
    }

    /// <summary>
    /// The server reports a setting that is missing in <see cref="KnownSettings"/> as unknown, although the setting has an effect.
    /// </summary>
    [Fact]
    public void Names_OfSettingsInTheSourceCode_AreKnown()
    {
        var sources = typeof(KnownSettingsTests).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Sources").Value!;
        var unknown =
            from file in Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            let path = Path.GetRelativePath(sources, file)
            where !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
            from Match match in Key().Matches(File.ReadAllText(file))
            let key = match.Groups[1].Value
            where !KnownSettings.Names.Contains(key) && !key.StartsWith("Logging:", StringComparison.Ordinal)
            select $"src/{path} reads \"{key}\".";

        var lines = unknown.ToList();
        Assert.True(
            lines.Count == 0, $"Add each setting to KnownSettings.cs and to docs/settings.md.\n{string.Join('\n', lines)}");
    }

    [GeneratedRegex("`([A-Z][A-Za-z]+(?:__[A-Za-z<>]+)+)`")]
    private static partial Regex Setting();

    [GeneratedRegex("\"([A-Z][A-Za-z]+(?::[A-Z][A-Za-z]+)+)\"")]
    private static partial Regex Key();
}
