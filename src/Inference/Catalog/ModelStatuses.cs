using System.Collections.ObjectModel;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Catalog;

/// <summary>Versions with their state on this server, ordered by model and version.</summary>
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

    /// <summary>Returns the same states with every reason replaced by the function's result.</summary>
    public ModelStatuses ReplaceReasons(Func<string, string> word) =>
        new(this.Select(status => status.Reason is { } reason ? status with { Reason = word(reason) } : status))
        {
            Failures = Failures.ToDictionary(failure => failure.Key, failure => word(failure.Value)),
        };

    /// <param name="known">The statuses of the versions known to this server. If two statuses are of one version, the first counts.</param>
    /// <param name="unused">
    /// For each model that no request has named: the problem that makes its settings unusable, or null, and the settings without effect.
    /// </param>
    /// <param name="findProblem">Returns the reason why a version cannot be loaded; null when no reason is known.</param>
    internal static ModelStatuses Create(
        IEnumerable<ModelStatus> known,
        ModelListing listed,
        IReadOnlyDictionary<ModelName, (string? Problem, IReadOnlyList<FileProblem> Warnings)> unused,
        Func<ModelVersion, string?> findProblem)
    {
        var statuses = new Dictionary<ModelId, ModelStatus>();
        foreach (var status in known)
            statuses.TryAdd(status.Version.Id, WithFailure(status, listed.Failures.GetValueOrDefault(status.Version.Id.Name)));
        foreach (var version in listed)
        {
            var (problem, warnings) = unused.GetValueOrDefault(version.Id.Name, (null, []));
            problem = listed.Failures.GetValueOrDefault(version.Id.Name) ?? problem ?? findProblem(version);
            statuses.TryAdd(version.Id, ModelStatus.CreateUnused(version, problem) with { Warnings = warnings });
        }

        var failures = listed.Failures.ToDictionary(failure => failure.Key.Value, failure => failure.Value);
        foreach (var problem in listed.Problems.OrderBy(problem => problem.Version is null))
            Add(problem, statuses, failures);
        foreach (var id in statuses.Keys)
            failures.Remove(id.Name.Value);
        return new ModelStatuses(statuses.Values) { Failures = failures };
    }

    /// <summary>
    /// Adds a problem to the status of its version, or adds the version as failed. A problem that names no version belongs to the latest
    /// version, or to the model's name if the model has no version.
    /// </summary>
    private static void Add(ListedProblem problem, Dictionary<ModelId, ModelStatus> statuses, Dictionary<string, string> failures)
    {
        var id = !ModelName.TryParse(problem.Name, out var name) ? (ModelId?)null
            : problem.Version is { } version ? new ModelId(name, version)
            : statuses.Keys.Where(known => known.Name == name).OrderByDescending(known => known.Version).Cast<ModelId?>().FirstOrDefault();
        if (id is { } known && statuses.TryGetValue(known, out var status))
            statuses[known] = status.WithReason(problem.Reason);
        else if (id is { } failed)
            statuses.Add(failed, ModelStatus.CreateUnused(new ModelVersion(failed, Tag: "", Size: 0), problem.Reason));
        else
            failures[problem.Name] = failures.TryGetValue(problem.Name, out var other) ? $"{other}\n{problem.Reason}" : problem.Reason;
    }

    /// <summary>
    /// Adds the reason why the files cannot be listed. A loaded version stays in service. Other versions cannot be loaded until a listing
    /// succeeds.
    /// </summary>
    private static ModelStatus WithFailure(ModelStatus status, string? failure) =>
        (failure is not null && status.State == ModelState.Available ? status with { State = ModelState.Failed } : status)
            .WithReason(failure);
}
