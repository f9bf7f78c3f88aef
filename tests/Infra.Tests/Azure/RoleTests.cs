using System.Text.Json;
using System.Text.RegularExpressions;
using Infra.Tests.Support;

namespace Infra.Tests.Azure;

/// <summary>Checks that the template assigns exactly the roles in docs/deployment.md.</summary>
public sealed partial class RoleTests(Snapshots snapshots) : IClassFixture<Snapshots>
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"] = "Storage Queue Data Message Sender",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
    };

    [Fact]
    public void Assignments_WithADeployer_AreTheDocumentedTable() => Assert.Equal(Documented(), Assigned(snapshots.Azd));

    [Fact]
    public void Assignments_WithoutADeployer_AreThoseOfAppAndHost()
    {
        var expected = Documented().Where(row => !row.StartsWith("who deploys", StringComparison.Ordinal)).ToList();

        Assert.Equal(expected, Assigned(snapshots.Dev));
        Assert.Equal(expected, Assigned(snapshots.Prod));
    }

    /// <summary>The app can change neither the models that it serves nor its own package.</summary>
    [Fact]
    public void Assignments_OfTheApp_LieOnContainersAndQueuesAndReadModels()
    {
        var rows = Documented().Where(row => row.StartsWith("the app", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Matches(@"\| (container `.+`|queue `.+`|Application Insights)$", row));
        Assert.Equal("the app | Storage Blob Data Reader | container `models`",
            Assert.Single(rows, row => row.EndsWith("`models`", StringComparison.Ordinal)));
        Assert.DoesNotContain(rows, row => row.Contains("deployments", StringComparison.Ordinal));
    }

    /// <summary>
    /// Azure refuses a second assignment of the same role under another name, so a second deployment must use the same names.
    /// </summary>
    [Fact]
    public async Task Names_OfASecondDeployment_AreThoseOfTheFirst()
    {
        const string Type = "Microsoft.Authorization/roleAssignments";
        var again = await Snapshot.TakeAsync("main.bicepparam");

        Assert.All(snapshots.Azd.Names(Type), name => Assert.True(Guid.TryParse(name, out _), name));
        Assert.Equal(snapshots.Azd.Names(Type), again.Names(Type));
    }

    private static List<string> Documented() =>
    [
        .. Row().Matches(Repository.Read("docs", "deployment.md"))
            .Select(row => $"{row.Groups[1]} | {row.Groups[2]} | {row.Groups[3]}").Order(StringComparer.Ordinal),
    ];

    private static List<string> Assigned(Snapshot snapshot) =>
        [.. snapshot.All("Microsoft.Authorization/roleAssignments").Select(Describe).Order(StringComparer.Ordinal)];

    private static string Describe(JsonElement assignment)
    {
        var properties = assignment.GetProperty("properties");
        var principal = properties.GetProperty("principalId").GetString()!;
        var who = principal.Contains("/id-inference-host-", StringComparison.Ordinal) ? "the Functions host"
            : principal.Contains("/id-inference-", StringComparison.Ordinal) ? "the app"
            : "who deploys";
        var role = Names[properties.GetProperty("roleDefinitionId").GetString()!.Split('/')[^1]];
        return $"{who} | {role} | {Scope(assignment.GetProperty("id").GetString()!)}";
    }

    private static string Scope(string id) => id.Split("/providers/Microsoft.Authorization/")[0].Split('/') switch
    {
        [.., "containers", var name] => $"container `{name}`",
        [.., "queues", var name] => $"queue `{name}`",
        [.., "components", _] => "Application Insights",
        [.., "storageAccounts", var name] when name.StartsWith("sthost", StringComparison.Ordinal) => "the host's account",
        var scope => string.Join('/', scope),
    };

    [GeneratedRegex(@"^\| (the app|the Functions host|who deploys) \| ([^|]+) \| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
