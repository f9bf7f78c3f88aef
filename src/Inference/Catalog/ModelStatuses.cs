using System.Collections.ObjectModel;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Catalog;

/// <summary>The statuses of versions on this server, ordered by model and version.</summary>
public sealed class ModelStatuses : ReadOnlyCollection<ModelStatus>
{
    private ModelStatuses(IEnumerable<ModelStatus> statuses)
        : base([.. statuses.OrderBy(status => status.Version.Id.Name.Value, StringComparer.Ordinal)
            .ThenBy(status => status.Version.Id.Version)])
    {
    }

    /// <summary>
    /// The reasons why the store could not list a model, or has no usable version of it. Only models without a known version are included.
    /// The keys are names of folders and files, which need not be valid model names.
    /// </summary>
    public IReadOnlyDictionary<string, string> Failures { get; private init; } = new Dictionary<string, string>();

    /// <summary>Returns the same statuses, with every reason replaced by the function's result.</summary>
    public ModelStatuses ReplaceReasons(Func<string, string> replace) =>
        new(this.Select(status => status.Reason is { } reason ? status with { Reason = replace(reason) } : status))
        {
            Failures = Failures.ToDictionary(failure => failure.Key, failure => replace(failure.Value)),
        };

    /// <summary>Combines the statuses of the known versions with the versions in the store.</summary>
    /// <param name="known">The statuses of the versions known to this server. If a version has two, the first one counts.</param>
    /// <param name="settings">For each model: its settings, and the failure that makes them unusable, or null.</param>
    /// <param name="findProblem">Finds the reason why a version cannot be loaded, or null.</param>
    internal static ModelStatuses Create(
        IEnumerable<ModelStatus> known,
        ModelListing listing,
        IReadOnlyDictionary<ModelName, (ModelConfiguration Configuration, InferenceException? Failure)> settings,
        Func<ModelVersion, string?> findProblem)
    {
        var statuses = new Dictionary<ModelId, ModelStatus>();
        foreach (var status in known)
            statuses.TryAdd(status.Version.Id, WithFailure(status, listing.Failures.GetValueOrDefault(status.Version.Id.Name)));
        var namesWithDefault = statuses.Values.Where(status => status.IsDefault).Select(status => status.Version.Id.Name).ToHashSet();
        foreach (var model in listing.GroupBy(version => version.Id.Name))
        {
            var (configuration, failure) = settings.GetValueOrDefault(model.Key, (ModelConfiguration.Default, null));
            var listFailure = listing.Failures.GetValueOrDefault(model.Key);
            var problem = listFailure ?? failure?.Message;
            var cause = listFailure is not null || failure?.Reason == ErrorReason.StoreUnavailable
                ? FailureCause.Store
                : FailureCause.Settings;
            var unusable = listing.GetUnusable(model.Key);
            foreach (var status in CreateUnused([.. model], unusable, configuration,
                version => problem is null ? (findProblem(version), FailureCause.Files) : (problem, cause)))
            {
                statuses.TryAdd(status.Version.Id, status with { IsDefault = status.IsDefault && !namesWithDefault.Contains(model.Key) });
            }

            if (problem is null)
                AddNotServedWarnings([.. model], unusable, configuration, statuses);
        }

        var failures = listing.Failures.ToDictionary(failure => failure.Key.Value, failure => failure.Value);
        // The latest versions are known when the problems that name a version have been added.
        var latest = new Lazy<Dictionary<ModelName, ModelId>>(() =>
            statuses.Keys.GroupBy(id => id.Name).ToDictionary(versions => versions.Key, versions => versions.MaxBy(id => id.Version)));
        foreach (var problem in listing.Problems.OrderBy(problem => problem.Version is null))
            AddProblem(problem, latest, statuses, failures);
        foreach (var id in statuses.Keys)
            failures.Remove(id.Name.Value);
        return new ModelStatuses(statuses.Values) { Failures = failures };
    }

    /// <summary>Creates the statuses of the versions of a model, as if no request to this server had named them.</summary>
    /// <param name="listed">The versions in the store; not empty.</param>
    /// <param name="unusable">The versions whose files cannot be served.</param>
    /// <param name="findProblem">Finds the reason why a version cannot be loaded, or null, and the cause of the reason.</param>
    private static IEnumerable<ModelStatus> CreateUnused(
        IReadOnlyList<ModelVersion> listed,
        IReadOnlyList<long> unusable,
        ModelConfiguration configuration,
        Func<ModelVersion, (string? Problem, FailureCause Cause)> findProblem)
    {
        long[] stored = [.. listed.Select(version => version.Id.Version)];
        var versions = configuration.Settings.Versions;
        var served = versions.SelectServed(stored);
        var servedNumbers = served.ToHashSet();
        var noneServed = StoredVersionsCheck.FindNoneServed(listed[0].Id.Name, configuration, stored, unusable);
        // If the settings serve no usable version, the reason names the unusable versions that they serve.
        var servedOrUnusable = served.IsEmpty ? versions.SelectServed([.. stored, .. unusable]) : served;
        // All versions below the minimum have the same reason. All other versions that are not served have another reason.
        var belowReason = new Lazy<string>(() => StoredVersionsCheck.DescribeServed(configuration, servedOrUnusable, versions.Minimum - 1));
        var otherReason = new Lazy<string>(() => StoredVersionsCheck.DescribeServed(configuration, servedOrUnusable, versions.Minimum));
        foreach (var version in listed)
        {
            var isServed = noneServed is not null || servedNumbers.Contains(version.Id.Version);
            var (problem, cause) = noneServed is not null ? (noneServed, FailureCause.Settings)
                : isServed ? findProblem(version)
                : default;
            var status = isServed
                ? ModelStatus.CreateUnused(version, problem, cause)
                : new ModelStatus(
                    version, ModelState.NotServed, (version.Id.Version < versions.Minimum ? belowReason : otherReason).Value);
            yield return status with
            {
                Warnings = configuration.Warnings,
                IsDefault = versions.IsDefault(version.Id.Version, served),
            };
        }
    }

    /// <summary>Adds warnings to the highest version: one for each version that the settings name and that is not served.</summary>
    private static void AddNotServedWarnings(
        IReadOnlyList<ModelVersion> listed,
        IReadOnlyList<long> unusable,
        ModelConfiguration configuration,
        Dictionary<ModelId, ModelStatus> statuses)
    {
        long[] stored = [.. listed.Select(version => version.Id.Version)];
        List<FileProblem> notServed = [.. StoredVersionsCheck.FindNotServed(configuration, stored, unusable)];
        if (notServed.Count > 0)
        {
            var id = listed.MaxBy(version => version.Id.Version)!.Id;
            statuses[id] = statuses[id] with { Warnings = [.. statuses[id].Warnings, .. notServed] };
        }
    }

    /// <summary>
    /// Adds a problem to the status of its version, or adds the version as failed. A problem that names no version belongs to the latest
    /// version, or to the model's name if the model has no version.
    /// </summary>
    private static void AddProblem(
        ListedProblem problem,
        Lazy<Dictionary<ModelName, ModelId>> latest,
        Dictionary<ModelId, ModelStatus> statuses,
        Dictionary<string, string> failures)
    {
        var id = !ModelName.TryParse(problem.Name, out var name) ? (ModelId?)null
            : problem.Version is { } version ? new ModelId(name, version)
            : latest.Value.TryGetValue(name, out var latestId) ? latestId
            : (ModelId?)null;
        if (id is { } known && statuses.TryGetValue(known, out var status))
            statuses[known] = status.WithReason(problem.Reason);
        else if (id is { } failed)
            statuses.Add(failed, ModelStatus.CreateUnused(new ModelVersion(failed, Tag: "", Size: 0), problem.Reason, FailureCause.Files));
        else
            failures[problem.Name] = failures.TryGetValue(problem.Name, out var earlier) ? $"{earlier}\n{problem.Reason}" : problem.Reason;
    }

    /// <summary>
    /// Adds the reason why the model cannot be listed; null adds none. A loaded version stays in service. Other versions cannot be loaded
    /// until a listing succeeds.
    /// </summary>
    private static ModelStatus WithFailure(ModelStatus status, string? failure) =>
        (failure is not null && status.State == ModelState.Available
            ? status with { State = ModelState.Failed, Cause = FailureCause.Store }
            : status).WithReason(failure);
}
