using System.Collections.Immutable;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>
/// Finds model files that cannot be loaded, before a request needs them. A problem is only shown in the status: a request still tries to
/// load the version. The reloader owns the loop that calls <see cref="RunAsync"/>, one call at a time.
/// </summary>
internal sealed class FileChecks(IModelStore store, ModelOpener opener, ILogger logger)
{
    /// <summary>The maximum number of files that one call of <see cref="RunAsync"/> opens. The next call opens more files.</summary>
    private const int MaxFiles = 100;

    /// <summary>The versions of the previous listing; null before the first one.</summary>
    private HashSet<ModelVersion>? _listed;

    /// <summary>The results for the listed versions that were checked. The dictionary is only replaced as a whole.</summary>
    private volatile ImmutableDictionary<ModelVersion, Result> _checked = ImmutableDictionary<ModelVersion, Result>.Empty;

    /// <summary>Returns why the files of a version cannot be loaded; null when no problem is known.</summary>
    public string? FindProblem(ModelVersion version) => _checked.GetValueOrDefault(version).Problem;

    /// <summary>
    /// Checks the listed versions that were not checked before. The files of a version must be the same in two listings in a row, because a
    /// copy of the files may be in progress. At the start of the server, one listing is enough.
    /// </summary>
    /// <param name="isLoaded">Whether a version is loaded, so that its file needs no check.</param>
    public async Task RunAsync(ModelListing listing, Func<ModelVersion, bool> isLoaded, CancellationToken cancellationToken)
    {
        var results = ImmutableDictionary.CreateBuilder<ModelVersion, Result>();
        var problems = new List<(ModelId Id, string Problem)>();
        var opened = 0;
        foreach (var version in listing)
        {
            var isKnown = _checked.TryGetValue(version, out var known);
            if (isKnown)
                results[version] = known;
            var isDue = isKnown ? known.IsTrustFailure : _listed?.Contains(version) != false;
            if (isDue && !isLoaded(version) && opened++ < MaxFiles
                && await CheckAsync(version, results, cancellationToken).ConfigureAwait(false) is { } problem)
            {
                problems.Add((version.Id, problem));
            }
        }

        (_checked, _listed) = (results.ToImmutable(), [.. listing]);
        // Logged after the results are published, so that a reader of the log finds the problem in the status.
        foreach (var (id, problem) in problems)
            logger.FileNotLoadable(id, problem);
    }

    /// <summary>Checks one version, and adds its result.</summary>
    /// <returns>The problem to log; null when there is none, or when it was logged before.</returns>
    private async Task<string?> CheckAsync(
        ModelVersion version, ImmutableDictionary<ModelVersion, Result>.Builder results, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await FindProblemAsync(version, cancellationToken).ConfigureAwait(false);
            results[version] = new Result(problem is null ? null : $"Model {version.Id} does not load. {problem}");
            return problem;
        }
        catch (InferenceException e) when (e.IsTrustFailure)
        {
            results[version] = new Result(e.Message, IsTrustFailure: true);
            return e.Message == FindProblem(version) ? null : e.Message;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The store or the file cannot be read at the moment. The next call checks the file again, and a load reports the reason.
            logger.FileNotChecked(e, version.Id, e.Message);
            return null;
        }
    }

    private async Task<string?> FindProblemAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (await store.OpenAsync(version, cancellationToken).ConfigureAwait(false) is not { } file)
            return null;
        await using (file.ConfigureAwait(false))
            return await opener.FindProblemAsync(file, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="Problem">Why the files cannot be loaded; null when no problem is known.</param>
    /// <param name="IsTrustFailure">
    /// Whether the files are not trusted, for example because a file is a link out of the folder. A later repair can leave the listing
    /// unchanged, so each call checks the files again.
    /// </param>
    private readonly record struct Result(string? Problem, bool IsTrustFailure = false);
}
