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
        Assert.Equal(FailureCause.Files, status.Cause);
    }

    [Theory]
    [InlineData(FailureCause.Files, false, null)]
    [InlineData(FailureCause.Settings, false, ErrorReason.None)]
    [InlineData(FailureCause.Store, false, ErrorReason.StoreUnavailable)]
    [InlineData(FailureCause.Store, true, ErrorReason.None)]
    public void Create_FailedVersion_HasTheCauseOfItsReason(FailureCause cause, bool isListFailure, ErrorReason? settingsFailure)
    {
        var name = ModelName.Parse("m");
        var failure = settingsFailure is { } reason
            ? new InferenceException(InferenceError.ModelUnavailable, "settings") { Reason = reason }
            : null;
        var versions = new ModelListing([new ModelVersion(new ModelId(name, 1), "tag", 1)], new Dictionary<ModelName, string>())
        {
            Failures = Enumerable.Repeat(name, isListFailure ? 1 : 0).ToDictionary(failed => failed, _ => "listing"),
        };
        var configurations = new Dictionary<ModelName, (ModelConfiguration Configuration, InferenceException? Failure)>
        {
            [name] = (ModelConfiguration.Default, failure),
        };

        var status = Assert.Single(ModelStatuses.Create([], versions, configurations, _ => "files"));

        Assert.Equal((ModelState.Failed, cause), (status.State, status.Cause));
    }

    [Fact]
    public void Create_SettingsThatServeNoVersion_AreTheCause()
    {
        var status = Assert.Single(Create([1], new VersionSettings { Serve = VersionPolicy.Specific([7]) }));

        Assert.Equal((ModelState.Failed, FailureCause.Settings), (status.State, status.Cause));
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
        var configurations = new Dictionary<ModelName, (ModelConfiguration Configuration, InferenceException? Failure)>
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

    private static ModelStatuses Create(long[] versions, params ListedProblem[] problems) =>
        Create(versions, new VersionSettings(), problems);

    private static ModelStatuses Create(long[] versions, VersionSettings settings, params ListedProblem[] problems)
    {
        var configuration = new ModelConfiguration(ModelSettings.Default with { Versions = settings });
        var configurations = new Dictionary<ModelName, (ModelConfiguration Configuration, InferenceException? Failure)>
        {
            [ModelName.Parse("m")] = (configuration, null),
        };
        return ModelStatuses.Create([], CreateListing(versions, problems), configurations, _ => null);
    }

    private static ModelListing CreateListing(long[] versions, params ListedProblem[] problems) => new(
        [.. versions.Select(version => new ModelVersion(new ModelId(ModelName.Parse("m"), version), "tag", 1))],
        new Dictionary<ModelName, string>())
    {
        Problems = problems,
    };
}
