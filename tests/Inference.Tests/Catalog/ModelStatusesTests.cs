using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Tests.Catalog;

public sealed class ModelStatusesTests
{
    [Fact]
    public void Create_ProblemsBesideVersions_AreReportedByTheLatestVersion()
    {
        var statuses = Create([1, 2], Problem("m", null, "first"), Problem("m", null, "second"), Problem("other", null, "third"));

        Assert.DoesNotContain("m", statuses.Failures.Keys);
        Assert.Equal("third", statuses.Failures["other"]);
        Assert.Equal([(1, null), (2, "first\nsecond")], statuses.Select(status => (status.Version.Id.Version, status.Reason)));
        Assert.All(statuses, status => Assert.Equal(ModelState.Available, status.State));
    }

    [Fact]
    public void Create_ProblemOfAVersionThatIsAlreadyKnown_IsItsReason()
    {
        var statuses = Create([1], Problem("m", 1, "both"));

        Assert.Equal("both", Assert.Single(statuses).Reason);
    }

    [Fact]
    public void Create_OnlyAFailedVersion_AlsoReportsProblemsBesideIt()
    {
        var statuses = Create([], Problem("m", null, "stray"), Problem("m", 3, "broken"));

        var status = Assert.Single(statuses);
        Assert.Equal((3, ModelState.Failed, "broken\nstray"), (status.Version.Id.Version, status.State, status.Reason));
    }

    [Fact]
    public void Create_SettingsThatNameAVersionTheyLeaveOut_AreAWarning()
    {
        var statuses = Create([1, 2, 3], new VersionSettings
        {
            Serve = VersionPolicy.Latest(1),
            Labels = VersionSettings.NoLabels.Add("new", 3).Add("stable", 1),
            Traffic = [new TrafficShare(new VersionRef("new"), 90), new TrafficShare(new VersionRef(2), 10)],
            Shadow = new VersionRef(1),
        });

        const string NotServed = "which is not served. The settings serve only version 3.";
        Assert.Equal(
            [
                ("$.versions.labels.stable", $"It points at version 1, {NotServed}"),
                ("$.versions.traffic", $"A share has version 2, {NotServed}"),
                ("$.versions.shadow", $"It is version 1, {NotServed}"),
            ],
            statuses.SelectMany(status => status.Warnings).Select(warning => (warning.Path, warning.Message)));
        Assert.Equal(3, Assert.Single(statuses, status => status.IsDefault).Version.Id.Version);
    }

    [Fact]
    public void Create_TrafficOfAbsentVersionsOnly_SaysThatRequestsAreRefused()
    {
        var statuses = Create([1, 2], new VersionSettings { Traffic = [new TrafficShare(new VersionRef(7), 100)] });

        Assert.Equal(
            [
                "A share has version 7, which does not exist. The store has versions 1 and 2.",
                "None of its versions is served, so requests that name no version are refused.",
            ],
            statuses.SelectMany(status => status.Warnings).Select(warning => warning.Message));
        Assert.DoesNotContain(statuses, status => status.IsDefault);
    }

    private static ListedProblem Problem(string name, long? version, string reason) => new(name, version, reason);

    private static ModelStatuses Create(long[] versions, params ListedProblem[] problems) =>
        Create(versions, new VersionSettings(), problems);

    private static ModelStatuses Create(long[] versions, VersionSettings settings, params ListedProblem[] problems)
    {
        var configuration = new ModelConfiguration(ModelSettings.Default with { Versions = settings });
        var listing = new ModelListing(
            [.. versions.Select(version => new ModelVersion(new ModelId(ModelName.Parse("m"), version), "tag", 1))],
            new Dictionary<ModelName, string>())
        {
            Problems = problems,
        };
        return ModelStatuses.Create(
            [], listing,
            new Dictionary<ModelName, (ModelConfiguration Configuration, string? Problem)>
            {
                [ModelName.Parse("m")] = (configuration, null),
            },
            _ => null);
    }
}
