using Cli.Models.Stores;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;
using Inference.Repository;

namespace Cli.Models;

/// <summary>
/// Compares a model's version settings, which select the versions that servers serve, with the versions in the store after a push. The
/// command <c>doctor</c> reports the same problems of a store.
/// </summary>
/// <param name="IsServed">Whether the settings select the new version.</param>
/// <param name="Warnings">
/// Warnings about versions that a server would not serve: versions that the settings name, the new version, and versions that were served
/// before the push.
/// </param>
internal sealed record NewVersionCheck(bool IsServed, IReadOnlyList<FileProblem> Warnings)
{
    /// <param name="settings">The valid settings of the model.</param>
    /// <param name="existing">The model in the store; null when there is no container yet.</param>
    /// <exception cref="CliException">
    /// With the new version, the model would serve no version, or would refuse every request that names no version.
    /// </exception>
    public static async Task<NewVersionCheck> RunAsync(
        ModelId id,
        SourceSettings settings,
        IModelFiles store,
        StoredModel? existing,
        CancellationToken cancellationToken)
    {
        if (settings.All.Count == 0)
            return new NewVersionCheck(IsServed: true, []);
        var stored = existing is null ? [] : await StoredVersion.FindNumbersAsync(store, existing, cancellationToken);
        stored.Add(id.Version);
        var configuration = ModelConfigurationReader.Parse(id.Name, settings.All);
        var check = Create(id, configuration, stored, existing?.GetUnusable(stored) ?? []);
        return check with { Warnings = [.. check.Warnings, .. FindDropped(id, configuration, settings, stored)] };
    }

    /// <summary>Finds the versions, except the new one, that the settings before the push select and those after it do not.</summary>
    private static IEnumerable<FileProblem> FindDropped(
        ModelId id, ModelConfiguration configuration, SourceSettings settings, IReadOnlyCollection<long> stored)
    {
        var earlier = ModelConfigurationReader.Parse(
            id.Name, [.. settings.All.Where(file => !settings.NewFiles.Any(added => added.Name == file.Name))]);
        var served = configuration.Settings.Versions.SelectServed(stored);
        long[] dropped = [.. earlier.Settings.Versions.SelectServed(stored)
            .Where(number => number != id.Version && !served.Contains(number))];
        if (dropped.Length > 0)
            yield return new FileProblem(configuration.ServeFile, 0, 0, "", StoredVersionsCheck.DescribeDropped(configuration, dropped));
    }

    private static NewVersionCheck Create(
        ModelId id, ModelConfiguration configuration, IReadOnlyCollection<long> stored, IReadOnlyCollection<long> unusable)
    {
        var versions = configuration.Settings.Versions;
        if (StoredVersionsCheck.FindNoneServed(id.Name, configuration, stored, unusable) is { } reason)
            throw CreateError(id, reason);
        var served = versions.SelectServed(stored);
        List<FileProblem> problems = [.. StoredVersionsCheck.FindNotServed(configuration, stored, unusable)];
        if (StoredVersionsCheck.HasUnservedTraffic(versions, served))
            throw CreateError(id, SourceFilesCheck.Describe(problems));
        if (served.Contains(id.Version))
            return new NewVersionCheck(IsServed: true, problems);
        // If the settings serve no usable version, the warning names the unusable versions that they select.
        var selected = served.IsEmpty ? versions.SelectServed([.. stored, .. unusable]) : served;
        var description = StoredVersionsCheck.DescribeServed(configuration, selected, id.Version);
        return new NewVersionCheck(IsServed: false, [new FileProblem(configuration.ServeFile, 0, 0, "", description), .. problems]);
    }

    /// <param name="reason">The reason, in sentences about a store that already has the new version.</param>
    private static CliException CreateError(ModelId id, string reason) => CliException.CreateUsageError(
        $"{id} is not pushed, because the settings of {id.Name} do not fit it. "
        + reason.Replace(StoredVersionsCheck.StoreHas, "After the push, the store would have", StringComparison.Ordinal)
        + " Correct the settings, or choose another number with --version, and push again.");
}
