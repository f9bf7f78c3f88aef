using System.Text.Json;
using System.Text.RegularExpressions;
using Infra.Tests.Support;

namespace Infra.Tests.Azure;

/// <summary>Checks the resources that the template deploys.</summary>
public sealed partial class DeploymentTests(Snapshots snapshots) : IClassFixture<Snapshots>
{
    private const string Storage = "Microsoft.Storage/storageAccounts";

    [Fact]
    public void App_AnyEnvironment_RunsOnFlexConsumptionWithItsIdentity() => Assert.All(snapshots.All, snapshot =>
    {
        var app = snapshot.One("Microsoft.Web/sites");
        var config = app.GetProperty("properties").GetProperty("functionAppConfig");
        Assert.Equal("FC1", snapshot.One("Microsoft.Web/serverfarms").GetProperty("sku").GetProperty("name").GetString());
        Assert.Equal("""{"name":"dotnet-isolated","version":"10.0"}""", Compact(config.GetProperty("runtime")));
        Assert.Equal("UserAssigned", app.GetProperty("identity").GetProperty("type").GetString());
        Assert.Equal(
            "UserAssignedIdentity",
            config.GetProperty("deployment").GetProperty("storage").GetProperty("authentication").GetProperty("type").GetString());
        // azd finds the app by this tag.
        Assert.Equal("inference", app.GetProperty("tags").GetProperty("azd-service-name").GetString());
        Assert.Contains("\n  inference:\n", Repository.Read("azure.yaml"), StringComparison.Ordinal);
        Assert.All(
            snapshot.All("Microsoft.Web/sites/basicPublishingCredentialsPolicies"),
            policy => Assert.False(policy.GetProperty("properties").GetProperty("allow").GetBoolean()));
    });

    [Theory]
    [InlineData("native", "dotnet-isolated", """{"name":"dotnet-isolated","version":"10.0"}""", "0")]
    [InlineData("official", "dotnet-isolated", """{"name":"dotnet-isolated","version":"10.0"}""", null)]
    [InlineData("native", "native", """{"name":"go","version":"1.0"}""", "0")]
    public async Task App_EngineAndAzureRuntime_HaveTheirRuntimeAndPlaceholder(
        string engine, string azureRuntime, string runtime, string? placeholder)
    {
        var snapshot = await Snapshot.TakeAsync("main.bicepparam", ("FUNCTIONS_ENGINE", engine), ("AZURE_RUNTIME", azureRuntime));

        var config = snapshot.One("Microsoft.Web/sites").GetProperty("properties").GetProperty("functionAppConfig");
        Assert.Equal(runtime, Compact(config.GetProperty("runtime")));
        snapshot.AppSettings.TryGetProperty("WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED", out var setting);
        Assert.Equal(placeholder, setting.ValueKind == JsonValueKind.Undefined ? null : setting.GetString());
    }

    /// <summary>Each file in which a user can choose the preview says that it is a preview.</summary>
    [Theory]
    [InlineData("infra", "main.bicep")]
    [InlineData("infra", "modules", "function-app.bicep")]
    [InlineData("infra", "deploy.sh")]
    [InlineData("infra", "package.sh")]
    [InlineData("docs", "deployment.md")]
    [InlineData("docs", "worker.md")]
    public void NativeRuntime_WhereItIsChosen_IsCalledAPreview(params string[] file) =>
        Assert.Contains("preview, .NET not promised by the platform", Repository.Read(file), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void AppSettings_Always_AreRealAndNameTheDeployedResources()
    {
        var snapshot = snapshots.Dev;
        var settings = snapshot.AppSettings.EnumerateObject().ToDictionary(setting => setting.Name, setting => setting.Value.GetString()!);

        // Flex Consumption refuses this setting.
        Assert.DoesNotContain("FUNCTIONS_WORKER_RUNTIME", settings.Keys);
        Assert.All(settings.Keys, name => Assert.Matches("^[A-Za-z0-9._]+$", name));
        string[] readByTheHostToo =
        [
            "AzureWebJobsStorage__credential", "InferenceStorage__credential", "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED",
        ];
        Assert.All(settings.Keys.Except(readByTheHostToo), name =>
            Assert.True(AppSettings.IsReal(name), $"The app has no setting {name}."));
        Assert.Equal(["managedidentity", "managedidentity"],
            new[] { settings["AzureWebJobsStorage__credential"], settings["InferenceStorage__credential"] });

        Assert.Equal(["deployments", "models", "prediction-results"], snapshot.Names($"{Storage}/blobServices/containers"));
        Assert.Equal("blob:models", settings["Models__Source"]);
        Assert.Equal("prediction-results", settings["Predictions__Container"]);
        Assert.Equal(["predictions", "predictions-failed", "predictions-poison", "predictions-results"],
            snapshot.Names($"{Storage}/queueServices/queues"));
        Assert.Equal(("predictions", "predictions-results"), (settings["Predictions__Queue"], settings["Predictions__ResultsQueue"]));
        Assert.True(File.Exists(Repository.Combine("host.json")), "A function app's folder needs host.json.");
    }

    /// <summary>
    /// The host's state and the package are in an account of their own, which the host opens with an identity other than the app's.
    /// </summary>
    [Fact]
    public void AppSettings_AnyEnvironment_SeparateTheHostFromTheData() => Assert.All(snapshots.All, snapshot =>
    {
        var settings = snapshot.AppSettings;
        var host = settings.GetProperty("AzureWebJobsStorage__accountName").GetString()!;
        var data = Assert.Single(snapshot.Names(Storage), name => name != host);
        Assert.All(
            (string[])["blob", "queue"],
            service =>
                Assert.Contains(
                    $"/{data}'", settings.GetProperty($"InferenceStorage__{service}ServiceUri").GetString(), StringComparison.Ordinal));
        Assert.Contains("/id-inference-host-", settings.GetProperty("AzureWebJobsStorage__clientId").GetString(), StringComparison.Ordinal);
        Assert.All(
            (string[])["InferenceStorage__clientId", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"],
            name => Assert.DoesNotContain("/id-inference-host-", settings.GetProperty(name).GetString(), StringComparison.Ordinal));

        var package = snapshot.One("Microsoft.Web/sites")
            .GetProperty("properties").GetProperty("functionAppConfig").GetProperty("deployment").GetProperty("storage");
        Assert.Contains($"/{host}'", package.GetProperty("value").GetString(), StringComparison.Ordinal);
        Assert.Contains(
            "/id-inference-host-",
            package.GetProperty("authentication").GetProperty("userAssignedIdentityResourceId").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            new HashSet<string> { $"{data}/default/models", $"{data}/default/prediction-results", $"{host}/default/deployments" },
            snapshot.All($"{Storage}/blobServices/containers").Select(container => container.GetProperty("name").GetString()!).ToHashSet());
    });

    [Theory]
    [InlineData("dev", "Enabled", 1)]
    [InlineData("prod", "Disabled", 30)]
    public void Storage_AnyEnvironment_HasNoKeysAndForgetsResults(string name, string publicAccess, int days)
    {
        var snapshot = name == "dev" ? snapshots.Dev : snapshots.Prod;
        Assert.All(snapshot.All(Storage).Select(account => account.GetProperty("properties")), account =>
        {
            Assert.False(account.GetProperty("allowSharedKeyAccess").GetBoolean());
            Assert.False(account.GetProperty("allowBlobPublicAccess").GetBoolean());
            Assert.Equal("TLS1_2", account.GetProperty("minimumTlsVersion").GetString());
            Assert.Equal(publicAccess, account.GetProperty("publicNetworkAccess").GetString());
        });
        // The app forgets a result at the same time as the account deletes it.
        Assert.Equal($"{days}.00:00:00", snapshot.AppSettings.GetProperty("Predictions__ResultTimeToLive").GetString());
        var rule = Assert.Single(
            snapshot.One($"{Storage}/managementPolicies")
                .GetProperty("properties").GetProperty("policy").GetProperty("rules").EnumerateArray());
        Assert.Equal(
            """["prediction-results/"]""", Compact(rule.GetProperty("definition").GetProperty("filters").GetProperty("prefixMatch")));
        Assert.Contains($"\"daysAfterModificationGreaterThan\":{days}}}", Compact(rule), StringComparison.Ordinal);
    }

    [Fact]
    public void Template_AnyEnvironment_HoldsNoSecret() => Assert.All(snapshots.All, snapshot =>
    {
        Assert.DoesNotMatch("(?i)listkeys|listsecrets|accountkey=|sharedaccesssignature|sig=", snapshot.Text);
        Assert.All(snapshot.Outputs, name => Assert.DoesNotMatch("(?i)key|secret|password|connection", name));
        Assert.True(snapshot.One("Microsoft.Insights/components").GetProperty("properties").GetProperty("DisableLocalAuth").GetBoolean());
    });

    [Fact]
    public void Alerts_Always_WatchFailuresLatencyPoisonAndRestarts()
    {
        var alerts = snapshots.Dev.All("Microsoft.Insights/scheduledQueryRules");
        Assert.Equal(
            ["failure-rate", "latency-p95", "poison-messages", "restarts"],
            alerts.Select(alert => AlertName().Match(alert.GetProperty("name").GetString()!).Groups[1].Value));
        Assert.All(alerts, alert =>
        {
            var properties = alert.GetProperty("properties");
            // Bicep does not replace expressions in a multi-line string, so the query would contain the expression literally.
            Assert.DoesNotContain("${", Compact(alert), StringComparison.Ordinal);
            Assert.Single(properties.GetProperty("actions").GetProperty("actionGroups").EnumerateArray());
            Assert.Contains("value", properties.GetProperty("criteria")
                .GetProperty("allOf")[0].GetProperty("query").GetString(), StringComparison.Ordinal);
        });
        Assert.Contains("predictions-failed", Compact(alerts[2]), StringComparison.Ordinal);
    }

    /// <summary>
    /// The query looks for the metric and the log text of the only code that sends a message to the queue of failed messages.
    /// </summary>
    [Fact]
    public void PoisonAlert_Query_MatchesTheLogOfTheApp()
    {
        var query = snapshots.Dev.All("Microsoft.Insights/scheduledQueryRules")[2]
            .GetProperty("properties").GetProperty("criteria").GetProperty("allOf")[0].GetProperty("query").GetString()!;
        var metric = Quoted().Match(query[query.IndexOf("name ==", StringComparison.Ordinal)..]).Groups[1].Value;
        var text = Quoted().Match(query[query.IndexOf("contains", StringComparison.Ordinal)..]).Groups[1].Value;
        var source = Repository.Read("src", "Functions", "Queue", "FailedMessages.cs");

        Assert.Contains($"CreateCounter<long>(\"{metric}\"", Repository.Read("src", "Inference", "Diagnostics", "InferenceMetrics.cs"),
            StringComparison.Ordinal);
        // Application Insights stores a log entry with an exception among the exceptions and not among the traces.
        Assert.Matches($@"\[LoggerMessage\(\s*LogLevel\.Error,\s+""[^""]*{text}[^""]*""\)\]\s+private partial void \w+\(string code\);", source);
        Assert.Single(Regex.Matches(source, "SendFailedAsync"));
        Assert.Contains($"name == '{metric}'", snapshots.Dev.One("Microsoft.Insights/workbooks")
            .GetProperty("properties").GetProperty("serializedData").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Network_Isolated_ReachesEachStorageServicePrivately()
    {
        var snapshot = snapshots.Prod;
        Assert.Equal(
            ["blob", "queue", "blob", "table"],
            snapshot.All("Microsoft.Network/privateEndpoints").Select(endpoint =>
                endpoint.GetProperty("properties")
                    .GetProperty("privateLinkServiceConnections")[0].GetProperty("properties").GetProperty("groupIds")[0].GetString()));
        Assert.Equal(3, snapshot.All("Microsoft.Network/privateDnsZones").Count);
        Assert.Equal(4, snapshot.All("Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Count);
        Assert.EndsWith("/subnets/app", snapshot.One("Microsoft.Web/sites")
            .GetProperty("properties").GetProperty("virtualNetworkSubnetId").GetString(), StringComparison.Ordinal);
        Assert.Empty(snapshots.Dev.All("Microsoft.Network/virtualNetworks"));
    }

    [Fact]
    public void Workbook_Always_IsJsonWithItsQueries()
    {
        var data = snapshots.Dev.One("Microsoft.Insights/workbooks").GetProperty("properties").GetProperty("serializedData").GetString()!;
        Assert.Contains(JsonDocument.Parse(data).RootElement.GetProperty("items").EnumerateArray(), item =>
            item.GetProperty("name").GetString() == "latency");
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex("^alert-(.+)-dev-[a-z0-9]{6}$")]
    private static partial Regex AlertName();
}
