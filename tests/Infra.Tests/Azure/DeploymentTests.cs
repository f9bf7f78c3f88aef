using System.Text.Json;
using System.Text.RegularExpressions;
using Infra.Tests.Support;

namespace Infra.Tests.Azure;

/// <summary>What the template deploys.</summary>
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
        // What azd finds the app by.
        Assert.Equal("inference", app.GetProperty("tags").GetProperty("azd-service-name").GetString());
        Assert.Contains("\n  inference:\n", Repository.Read("azure.yaml"), StringComparison.Ordinal);
        Assert.All(
            snapshot.All("Microsoft.Web/sites/basicPublishingCredentialsPolicies"),
            policy => Assert.False(policy.GetProperty("properties").GetProperty("allow").GetBoolean()));
    });

    [Fact]
    public void AppSettings_Always_AreRealAndNameWhatIsDeployed()
    {
        var snapshot = snapshots.Dev;
        var settings = snapshot.AppSettings.EnumerateObject().ToDictionary(setting => setting.Name, setting => setting.Value.GetString()!);

        // Flex Consumption refuses it.
        Assert.DoesNotContain("FUNCTIONS_WORKER_RUNTIME", settings.Keys);
        Assert.All(settings.Keys, name => Assert.Matches("^[A-Za-z0-9._]+$", name));
        string[] readByTheHostToo = ["AzureWebJobsStorage__credential", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"];
        Assert.All(settings.Keys.Except(readByTheHostToo), name => Assert.True(AppSettings.IsReal(name), $"The app has no setting {name}."));
        Assert.Equal(snapshot.One(Storage).GetProperty("name").GetString(), settings["AzureWebJobsStorage__accountName"]);
        Assert.Equal("managedidentity", settings["AzureWebJobsStorage__credential"]);

        var containers = snapshot.Names($"{Storage}/blobServices/containers");
        Assert.Equal(["deployments", "models", "prediction-results"], containers);
        Assert.Equal("blob:models", settings["Models__Source"]);
        Assert.Equal("prediction-results", settings["Predictions__Container"]);
        Assert.Equal(["predictions", "predictions-failed", "predictions-poison", "predictions-results"], snapshot.Names($"{Storage}/queueServices/queues"));
        Assert.Equal(("predictions", "predictions-results"), (settings["Predictions__Queue"], settings["Predictions__ResultsQueue"]));
        Assert.True(File.Exists(Repository.Combine("host.json")), "A function app's folder needs host.json.");
    }

    [Theory]
    [InlineData("dev", "Enabled", 1)]
    [InlineData("prod", "Disabled", 30)]
    public void Storage_AnyEnvironment_HasNoKeysAndForgetsResults(string name, string publicAccess, int days)
    {
        var snapshot = name == "dev" ? snapshots.Dev : snapshots.Prod;
        var account = snapshot.One(Storage).GetProperty("properties");
        Assert.False(account.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(account.GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.Equal("TLS1_2", account.GetProperty("minimumTlsVersion").GetString());
        Assert.Equal(publicAccess, account.GetProperty("publicNetworkAccess").GetString());
        var rule = Assert.Single(snapshot.One($"{Storage}/managementPolicies").GetProperty("properties").GetProperty("policy").GetProperty("rules").EnumerateArray());
        Assert.Equal("""["prediction-results/"]""", Compact(rule.GetProperty("definition").GetProperty("filters").GetProperty("prefixMatch")));
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
    public async Task Roles_Always_AreTheseOnThoseAndNamedAfterThem()
    {
        var snapshot = snapshots.Azd;
        var assignments = snapshot.All("Microsoft.Authorization/roleAssignments");
        Assert.All(assignments, assignment => Assert.True(Guid.TryParse(assignment.GetProperty("name").GetString(), out _), Compact(assignment)));
        Assert.Equal(
            [
                "components/appi-inference 3913510d-42f4-4e42-8a64-420c390055eb ServicePrincipal",
                "containers/models ba92f5b4-2d11-453d-a403-e96b0029c9fe User",
                "storageAccounts 0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3 ServicePrincipal",
                "storageAccounts 974c5e8b-45b9-4653-ba55-5f855dd0fb88 ServicePrincipal",
                "storageAccounts b7e6dc6d-f1e8-4753-8033-0f276bb0955b ServicePrincipal",
            ],
            assignments.Select(Describe).Order(StringComparer.Ordinal));
        // The same again, or a second deployment would fail: an assignment cannot be made twice under two names.
        var again = await Snapshot.TakeAsync("main.bicepparam");
        Assert.Equal(snapshot.Names("Microsoft.Authorization/roleAssignments"), again.Names("Microsoft.Authorization/roleAssignments"));
    }

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
            // An expression left in a query would be sent as it is.
            Assert.DoesNotContain("${", Compact(alert), StringComparison.Ordinal);
            Assert.Single(properties.GetProperty("actions").GetProperty("actionGroups").EnumerateArray());
            Assert.Contains("value", properties.GetProperty("criteria").GetProperty("allOf")[0].GetProperty("query").GetString(), StringComparison.Ordinal);
        });
        Assert.Contains("predictions-failed", Compact(alerts[2]), StringComparison.Ordinal);
    }

    [Fact]
    public void Network_Isolated_ReachesEachStorageServicePrivately()
    {
        var snapshot = snapshots.Prod;
        Assert.Equal(
            ["blob", "queue", "table"],
            snapshot.All("Microsoft.Network/privateEndpoints").Select(endpoint =>
                endpoint.GetProperty("properties").GetProperty("privateLinkServiceConnections")[0].GetProperty("properties").GetProperty("groupIds")[0].GetString()));
        Assert.Equal(3, snapshot.All("Microsoft.Network/privateDnsZones").Count);
        Assert.Equal(3, snapshot.All("Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Count);
        Assert.EndsWith("/subnets/app", snapshot.One("Microsoft.Web/sites").GetProperty("properties").GetProperty("virtualNetworkSubnetId").GetString(), StringComparison.Ordinal);
        Assert.Empty(snapshots.Dev.All("Microsoft.Network/virtualNetworks"));
    }

    [Fact]
    public void Workbook_Always_IsJsonWithItsQueries()
    {
        var data = snapshots.Dev.One("Microsoft.Insights/workbooks").GetProperty("properties").GetProperty("serializedData").GetString()!;
        Assert.Contains(JsonDocument.Parse(data).RootElement.GetProperty("items").EnumerateArray(), item => item.GetProperty("name").GetString() == "latency");
    }

    /// <summary>The scope's last parts, the role and who has it.</summary>
    private static string Describe(JsonElement assignment)
    {
        var scope = assignment.GetProperty("id").GetString()!.Split("/providers/Microsoft.Authorization/")[0].Split('/');
        var properties = assignment.GetProperty("properties");
        var resource = scope[^2] == "storageAccounts" ? scope[^2] : $"{scope[^2]}/{Suffix().Replace(scope[^1], "")}";
        return $"{resource} {properties.GetProperty("roleDefinitionId").GetString()!.Split('/')[^1]} {properties.GetProperty("principalType").GetString()}";
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    [GeneratedRegex("^alert-(.+)-dev-[a-z0-9]{6}$")]
    private static partial Regex AlertName();

    [GeneratedRegex("-dev-[a-z0-9]{6}$")]
    private static partial Regex Suffix();
}
