using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Tests.Catalog;

public sealed class ModelStatusesTests
{
    [Fact]
    public void Create_ProblemsBesideVersions_AreToldByTheLatestVersion()
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
    public void Create_OnlyAFailedVersion_TellsOfProblemsBesideItToo()
    {
        var statuses = Create([], Problem("m", null, "stray"), Problem("m", 3, "broken"));

        var status = Assert.Single(statuses);
        Assert.Equal((3, ModelState.Failed, "broken\nstray"), (status.Version.Id.Version, status.State, status.Reason));
    }

    /// <summary>
    /// The time cannot be tested on a busy machine. The allocated bytes grow with the time, because each step copies or sorts versions.
    /// </summary>
    [Fact]
    public void Create_FourTimesAsManyVersions_AllocatesLessThanEightTimesAsMuch()
    {
        MeasureAllocations(versions: 100);

        var (few, many) = (MeasureAllocations(versions: 1000), MeasureAllocations(versions: 4000));

        Assert.True(many < 8 * few, $"{few} bytes for 1000 versions, {many} for 4000.");
    }

    /// <summary>Returns the bytes that are allocated for the statuses of a model whose settings serve half of its versions.</summary>
    private static long MeasureAllocations(int versions)
    {
        long[] stored = [.. Enumerable.Range(1, versions).Select(number => (long)number)];
        var settings = ModelSettings.Default with
        {
            Versions = new VersionSettings { Serve = VersionPolicy.Specific([.. stored.Take(versions / 2)]) },
        };
        var listing = CreateListing(stored);
        var configurations = new Dictionary<ModelName, (ModelConfiguration Configuration, string? Problem)>
        {
            [ModelName.Parse("m")] = (new ModelConfiguration(settings), null),
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        var statuses = ModelStatuses.Create([], listing, configurations, _ => null);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(versions / 2, statuses.Count(status => status.State == ModelState.NotServed));
        return allocated;
    }

    private static ListedProblem Problem(string name, long? version, string reason) => new(name, version, reason);

    private static ModelStatuses Create(long[] versions, params ListedProblem[] problems)
    {
        var settings = new Dictionary<ModelName, (ModelConfiguration Configuration, string? Problem)>();
        return ModelStatuses.Create([], CreateListing(versions, problems), settings, _ => null);
    }

    private static ModelListing CreateListing(long[] versions, params ListedProblem[] problems) => new(
        [.. versions.Select(version => new ModelVersion(new ModelId(ModelName.Parse("m"), version), "tag", 1))],
        new Dictionary<ModelName, string>())
    {
        Problems = problems,
    };
}
