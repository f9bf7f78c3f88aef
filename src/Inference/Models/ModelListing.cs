using System.Collections.ObjectModel;

namespace Inference.Models;

/// <summary>The versions in a store at one moment, in any order.</summary>
/// <param name="settingsTags">
/// A tag for each model with settings files. The tag changes when any of the files changes. Tags are only compared for equality.
/// </param>
public sealed class ModelListing(IReadOnlyList<ModelVersion> versions, IReadOnlyDictionary<ModelName, string> settingsTags)
    : ReadOnlyCollection<ModelVersion>([.. versions])
{
    private ILookup<string, ListedProblem>? _problemsByName;

    public static new ModelListing Empty { get; } = new([], new Dictionary<ModelName, string>());

    /// <summary>
    /// The reasons why models could not be listed. Such a model does not count as deleted. Versions of such a model in this listing come
    /// from an earlier listing.
    /// </summary>
    public IReadOnlyDictionary<ModelName, string> Failures { get; init; } = new Dictionary<ModelName, string>();

    /// <summary>
    /// Files and folders that look like a model or version but cannot be served. Such a file or folder does not affect other models.
    /// </summary>
    public IReadOnlyList<ListedProblem> Problems { get; init; } = [];

    private ILookup<string, ListedProblem> ProblemsByName =>
        _problemsByName ??= Problems.ToLookup(problem => problem.Name, StringComparer.Ordinal);

    /// <summary>The models that have versions, and those that could not be listed.</summary>
    public IEnumerable<ModelName> Names => this.Select(version => version.Id.Name).Concat(Failures.Keys).Distinct();

    /// <summary>Returns the tag of a model's settings files; empty for a model without settings files.</summary>
    public string GetSettingsTag(ModelName name) => settingsTags.GetValueOrDefault(name, "");

    /// <summary>Whether the model has files that cannot be served.</summary>
    public bool HasProblems(ModelName name) => ProblemsByName.Contains(name.Value);

    /// <summary>Returns the versions of a model whose files cannot be served.</summary>
    public IReadOnlyList<long> GetUnusable(ModelName name) =>
        [.. ProblemsByName[name.Value].Select(problem => problem.Version).OfType<long>()];

    /// <summary>Adds models that could not be listed, with the versions of an earlier listing.</summary>
    /// <param name="names">Models without versions in this listing.</param>
    /// <param name="earlier">The listing that has their versions.</param>
    /// <param name="reason">Why the models could not be listed.</param>
    public ModelListing WithFailures(IReadOnlySet<ModelName> names, ModelListing earlier, string reason)
    {
        var failures = new Dictionary<ModelName, string>(Failures);
        foreach (var name in names)
            failures[name] = reason;
        return new ModelListing([.. this, .. earlier.Where(version => names.Contains(version.Id.Name))], settingsTags)
        {
            Failures = failures,
            Problems = Problems,
        };
    }

    /// <summary>Throws if a model could not be listed.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the model could not be listed.</exception>
    public void ThrowIfFailed(ModelName name)
    {
        if (Failures.GetValueOrDefault(name) is { } reason)
        {
            throw new InferenceException(InferenceError.ModelUnavailable, reason)
            {
                RetryAfter = TimeSpan.FromSeconds(5),
                Reason = ErrorReason.StoreUnavailable,
                Cause = FailureCause.Store,
            };
        }
    }

    /// <summary>
    /// Throws if the store has unusable files of a model. Call this method only for a model of which no version is served.
    /// </summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the store has files of the model, but none of them can be served.
    /// </exception>
    public void ThrowIfUnusable(ModelName name)
    {
        if (ProblemsByName[name.Value].Select(problem => problem.Reason).ToList() is { Count: > 0 } reasons)
        {
            throw new InferenceException(InferenceError.ModelUnavailable,
                $"Model {name} cannot be served: {string.Join(' ', reasons)}")
            { LastsUntilFilesChange = true, Cause = FailureCause.Files };
        }
    }
}
