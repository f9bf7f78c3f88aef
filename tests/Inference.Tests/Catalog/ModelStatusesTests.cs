using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings;

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

    private static ListedProblem Problem(string name, long? version, string reason) => new(name, version, reason);

    private static ModelStatuses Create(long[] versions, params ListedProblem[] problems)
    {
        var listing = new ModelListing(
            [.. versions.Select(version => new ModelVersion(new ModelId(ModelName.Parse("m"), version), "tag", 1))],
            new Dictionary<ModelName, string>())
        {
            Problems = problems,
        };
        return ModelStatuses.Create(
            [], listing, new Dictionary<ModelName, (ModelConfiguration Configuration, string? Problem)>(), _ => null);
    }
}
