using System.Text.RegularExpressions;
using Functions.Hosting.Configuration;

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
    [InlineData("Predictions:Zzz", "has no effect")]
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
        Assert.Contains(expected, KnownSettings.FindProblem(key), StringComparison.Ordinal);

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

        Assert.Equal(KnownSettings.Names.Order(), documented.Distinct().Order());
    }

    [GeneratedRegex("`([A-Z][A-Za-z]+(?:__[A-Za-z<>]+)+)`")]
    private static partial Regex Setting();
}
