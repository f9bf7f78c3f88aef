using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Infra.Tests.Kubernetes;
using Infra.Tests.Support;
using k8s;

namespace Infra.Tests.Monitoring;

/// <summary>Compares the Prometheus rules and the Grafana dashboard with the series that the app exports.</summary>
public sealed partial class RulesTests
{
    private const string Folder = "monitoring";
    private static readonly string[] LabelsOfEverySeries = ["instance", "job", "le"];

    public static TheoryData<string> Files => ["rules.yaml", "dashboard.json"];

    /// <summary>The series in the table of docs/operating.md. The end-to-end tests compare this table with a scrape.</summary>
    private static Dictionary<string, (string Type, string[] Labels)> Documented { get; } =
        Row().Matches(Repository.Read("docs", "operating.md")).ToDictionary(
            row => row.Groups["name"].Value,
            row => (row.Groups["type"].Value, row.Groups["labels"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [MemberData(nameof(Files))]
    public void Expressions_AnyFile_NameSeriesAndLabelsOfTheApp(string file)
    {
        Assert.NotEmpty(Documented);

        var used = Expressions(file).SelectMany(expression => Series().Matches(expression)).ToList();

        Assert.NotEmpty(used);
        Assert.All(used, match =>
        {
            var name = match.Groups["name"].Value;
            var (type, labels) = Documented.TryGetValue(name, out var exact)
                ? exact
                : Documented.GetValueOrDefault(Part().Replace(name, ""));
            Assert.True(type is not null, $"{file} names {name}, which the app does not export.");
            Assert.Equal(Part().IsMatch(name), type == "histogram");
            Assert.All(Matcher().Matches(match.Groups["matchers"].Value), matcher =>
                Assert.Contains(matcher.Groups[1].Value, labels!.Concat(LabelsOfEverySeries)));
        });
    }

    [Fact]
    public void PrometheusRule_HasTheGroupsOfTheFile()
    {
        var file = KubernetesYaml.Deserialize<CustomResources.PrometheusRuleSpec>(Repository.Read("infra", Folder, "rules.yaml"));
        var rule = (CustomResources.PrometheusRule)Assert.Single(
            Overlay.Load(Repository.Read("infra", "kubernetes", "components", "prometheus", "prometheusrule.yaml")));

        Assert.Equal(KubernetesYaml.Serialize(file), KubernetesYaml.Serialize(rule.Spec));
    }

    [PromtoolFact]
    public async Task Promtool_FindsNothingWrongAndTheAlertsFire()
    {
        foreach (string[] command in (string[][])[["check", "config", "prometheus.yaml"], ["check", "rules", "rules.yaml"],
            ["test", "rules", "rules_test.yaml"]])
        {
            var check = await ToolResult.RunAsync("promtool", command, Path.Combine(Repository.Infra, Folder));
            Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        }
    }

    [Fact]
    public void Dashboard_EveryPanel_HasItsOwnNumberAndATitle()
    {
        var panels = JsonNode.Parse(Repository.Read("infra", Folder, "dashboard.json"))!["panels"]!.AsArray();

        Assert.Equal(panels.Count, panels.Select(panel => panel!["id"]!.GetValue<int>()).Distinct().Count());
        Assert.All(panels, panel => Assert.NotEqual("", panel!["title"]!.GetValue<string>()));
    }

    private static IEnumerable<string> Expressions(string file)
    {
        var text = Repository.Read("infra", Folder, file);
        return file.EndsWith(".json", StringComparison.Ordinal)
            ? JsonNode.Parse(text)!["panels"]!
                .AsArray().SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => target!["expr"]!.GetValue<string>())
            : KubernetesYaml.Deserialize<CustomResources.PrometheusRuleSpec>(text).Groups
                .SelectMany(group => group.Rules).Select(rule => rule.Expr);
    }

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<type>\w+) \| [^|]* \| (?<labels>[^|]*?) ?\|", RegexOptions.Multiline
        | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    /// <summary>The pattern excludes names with colons, which are recorded series.</summary>
    [GeneratedRegex(@"(?<![\w:])(?<name>(inference|worker)_\w+)(?![\w:])(\{(?<matchers>[^}]*)\})?", RegexOptions.ExplicitCapture)]
    private static partial Regex Series();

    [GeneratedRegex("(_bucket|_sum|_count)$")]
    private static partial Regex Part();

    [GeneratedRegex(@"(\w+) ?(?:=~|!=|!~|=)")]
    private static partial Regex Matcher();
}
