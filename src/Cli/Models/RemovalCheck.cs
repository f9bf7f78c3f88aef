using Cli.Models.Stores;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;
using Inference.Repository;

namespace Cli.Models;

/// <summary>Compares the version settings of a model with the versions that its store has after a removal.</summary>
internal static class RemovalCheck
{
    /// <summary>
    /// Finds the problems that a removal causes for the settings. For example, a traffic split whose version is removed refuses all
    /// requests that name no version.
    /// </summary>
    /// <param name="model">The model in the store, before the removal.</param>
    /// <returns>The problems as sentences; empty also for a model whose settings cannot be used.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(
        IModelFiles store, StoredModel model, long removedNumber, CancellationToken cancellationToken)
    {
        // Settings that cannot be used must not prevent a removal.
        if (await model.ReadValidSettingsAsync(store, cancellationToken) is not { Count: > 0 } settings)
            return [];
        var configuration = ModelConfigurationReader.Parse(model.Name, settings);
        var stored = await StoredVersion.FindNumbersAsync(store, model, cancellationToken);
        var unusable = model.GetUnusable([.. stored, removedNumber]);
        var before = FindProblems(model.Name, configuration, stored, unusable).Select(GetSubject).ToHashSet(StringComparer.Ordinal);
        stored.Remove(removedNumber);
        var after = FindProblems(model.Name, configuration, stored, unusable).Where(problem => !before.Contains(GetSubject(problem)));
        return [.. after.Select(
            problem => problem.Replace(StoredVersionsCheck.StoreHas, "After the removal, the store has", StringComparison.Ordinal))];
    }

    private static IEnumerable<string> FindProblems(
        ModelName name, ModelConfiguration configuration, IReadOnlyCollection<long> stored, IReadOnlyCollection<long> unusable)
    {
        var problems = StoredVersionsCheck.FindNotServed(configuration, stored, unusable).Select(problem => $"{problem}");
        return StoredVersionsCheck.FindNoneServed(name, configuration, stored, unusable) is { } reason ? [reason, .. problems] : problems;
    }

    /// <summary>Returns the part of a problem that does not list the stored versions.</summary>
    private static string GetSubject(string problem) => problem.Split(", which")[0];
}
