using System.Collections;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Catalog;

/// <summary>Versions with the state they have here, ordered by model and version.</summary>
public sealed class ModelStatuses : IReadOnlyList<ModelStatus>
{
    private readonly ModelStatus[] _statuses;

    private ModelStatuses(IEnumerable<ModelStatus> statuses) => _statuses = [.. statuses
        .OrderBy(status => status.Version.Id.Name.Value, StringComparer.Ordinal)
        .ThenBy(status => status.Version.Id.Version)];

    /// <summary>
    /// Why the store could not list a model, or has nothing of it that can be served, for each model of which no version is known. The
    /// names are those of folders and files, which need not be names of models.
    /// </summary>
    public IReadOnlyDictionary<string, string> Failures { get; private init; } = new Dictionary<string, string>();

    public int Count => _statuses.Length;

    public ModelStatus this[int index] => _statuses[index];

    public IEnumerator<ModelStatus> GetEnumerator() => _statuses.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the same states with every reason in other words.</summary>
    public ModelStatuses Reword(Func<string, string> word) =>
        new(_statuses.Select(status => status.Reason is { } reason ? status with { Reason = word(reason) } : status))
        {
            Failures = Failures.ToDictionary(failure => failure.Key, failure => word(failure.Value)),
        };

    /// <param name="here">The versions that have a state here. Of two with one number, the first counts.</param>
    /// <param name="unread">
    /// Of the other models, why their settings cannot be used, or null, and what in the settings has no effect.
    /// </param>
    /// <param name="findQuarantine">Finds the reason why a version is quarantined, or null.</param>
    internal static ModelStatuses Create(
        IEnumerable<ModelStatus> here,
        ModelListing listed,
        IReadOnlyDictionary<ModelName, (string? Problem, IReadOnlyList<FileProblem> Warnings)> unread,
        Func<ModelVersion, string?> findQuarantine)
    {
        var statuses = new Dictionary<ModelId, ModelStatus>();
        foreach (var status in here)
            statuses.TryAdd(status.Version.Id, WithFailure(status, listed.Failures.GetValueOrDefault(status.Version.Id.Name)));
        foreach (var version in listed)
        {
            var (problem, warnings) = unread.GetValueOrDefault(version.Id.Name, (null, []));
            problem = listed.Failures.GetValueOrDefault(version.Id.Name) ?? problem ?? findQuarantine(version);
            statuses.TryAdd(version.Id, ModelStatus.OfUnused(version, problem) with { Warnings = warnings });
        }

        var failures = listed.Failures.ToDictionary(failure => failure.Key.Value, failure => failure.Value);
        foreach (var problem in listed.Problems.OrderBy(problem => problem.Version is null))
            Add(problem, statuses, failures);
        foreach (var id in statuses.Keys)
            failures.Remove(id.Name.Value);
        return new ModelStatuses(statuses.Values) { Failures = failures };
    }

    /// <summary>
    /// A version that cannot be served has failed. The latest version tells of a problem beside it, and the model's name if it has no
    /// version.
    /// </summary>
    private static void Add(ListedProblem problem, Dictionary<ModelId, ModelStatus> statuses, Dictionary<string, string> failures)
    {
        var id = !ModelName.TryParse(problem.Name, out var name) ? (ModelId?)null
            : problem.Version is { } version ? new ModelId(name, version)
            : statuses.Keys.Where(known => known.Name == name).OrderByDescending(known => known.Version).Cast<ModelId?>().FirstOrDefault();
        if (id is { } known && statuses.TryGetValue(known, out var status))
            statuses[known] = status.Because(problem.Reason);
        else if (id is { } failed)
            statuses.Add(failed, ModelStatus.OfUnused(new ModelVersion(failed, Tag: "", Size: 0), problem.Reason));
        else
            failures[problem.Name] = failures.TryGetValue(problem.Name, out var other) ? $"{other}\n{problem.Reason}" : problem.Reason;
    }

    /// <summary>A version that is loaded serves on; no other can be loaded while its files cannot be listed.</summary>
    private static ModelStatus WithFailure(ModelStatus status, string? failure) =>
        (failure is not null && status.State == ModelState.Available ? status with { State = ModelState.Failed } : status).Because(failure);
}
