using Inference.Models.Files;
using Inference.Models.Settings;

namespace Inference.Repository.Trust;

/// <summary>Compares the files of a folder with the digests in a manifest or a signed statement.</summary>
public static class ManifestVerifier
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = false, AttributesToSkip = FileAttributes.None };

    /// <summary>The files of a version that need no digest, because they are lists of digests or their signatures.</summary>
    public static IReadOnlyList<string> FilesWithoutDigest { get; } = [ModelManifest.FileName, ModelManifest.SignatureFileName,
        SignedStatement.VersionFileName];

    /// <summary>
    /// Verifies that every listed file exists with its digest. Unlisted files are problems, because the model could load them. Links are
    /// problems too. The files in <see cref="FilesWithoutDigest"/> need no digest.
    /// </summary>
    /// <returns>All problems; empty when the folder matches the manifest.</returns>
    /// <exception cref="IOException">A file or folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read a file or folder.</exception>
    public static async Task<IReadOnlyList<FileProblem>> VerifyAsync(
        ModelManifest manifest, string folder, CancellationToken cancellationToken) =>
    [
        .. FindLinks(ModelManifest.FileName, folder),
        .. Compare(ModelManifest.FileName, manifest.Entries, await ComputeDigestsAsync(folder, manifest.Entries, cancellationToken)
            .ConfigureAwait(false)),
    ];

    /// <summary>
    /// Computes the digest of each listed file in a folder, by its name relative to the folder. The digest of an unlisted file is the empty
    /// text. Links are omitted.
    /// </summary>
    /// <exception cref="IOException">A file or folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read a file or folder.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ComputeDigestsAsync(
        string folder, IEnumerable<ManifestEntry> listed, CancellationToken cancellationToken)
    {
        var (files, links) = (new List<string>(), new List<string>());
        Find(new DirectoryInfo(folder), "", files, links);
        var digests = files.ToDictionary(name => name, _ => "", StringComparer.Ordinal);
        foreach (var name in listed.Select(entry => entry.Name).Where(digests.ContainsKey))
            digests[name] = await FileDigest.ComputeAsync(Path.Combine(folder, name), cancellationToken).ConfigureAwait(false);
        return digests;
    }

    /// <summary>Finds the links in a folder and its subfolders.</summary>
    /// <param name="listFile">The name of the file with the digests, for messages.</param>
    /// <returns>A problem for each link in the folder.</returns>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read a folder.</exception>
    public static IReadOnlyList<FileProblem> FindLinks(string listFile, string folder)
    {
        var (files, links) = (new List<string>(), new List<string>());
        Find(new DirectoryInfo(folder), "", files, links);
        return [.. links.Select(name =>
            new FileProblem(listFile, 0, 0, "", $"{ProblemText.Quote(name)} is a link. Put the file itself into the model's folder."))];
    }

    /// <summary>Compares listed digests with those of the existing files.</summary>
    /// <param name="listFile">The name of the file with the digests, for messages.</param>
    /// <param name="foundDigests">The digest of each existing file, by its name.</param>
    /// <returns>All differences; empty when the files match the list.</returns>
    public static IReadOnlyList<FileProblem> Compare(
        string listFile, IEnumerable<ManifestEntry> listed, IReadOnlyDictionary<string, string> foundDigests)
    {
        var problems = new ProblemList(listFile);
        var unlisted = foundDigests.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var entry in listed)
        {
            if (!unlisted.Remove(entry.Name))
            {
                problems.Add(
                    entry.Line, 1, "",
                    $"{ProblemText.Quote(entry.Name)} is listed, but the folder has no such file. Add the file, or create the list again.");
            }
            else if (foundDigests[entry.Name] is var digest && digest != entry.Sha256)
            {
                problems.Add(
                    entry.Line, 1, "",
                    $"{ProblemText.Quote(entry.Name)} has the digest {digest}, but {entry.Sha256} is listed. Restore the file, or create "
                    + "the list again.");
            }
        }

        unlisted.ExceptWith(FilesWithoutDigest);
        foreach (var name in unlisted.Order(StringComparer.Ordinal))
        {
            problems.Add(
                0, 0, "", $"{ProblemText.Quote(name)} is in the folder, but not listed. Remove the file, or create the list again.");
        }

        return problems.Problems;
    }

    private static void Find(DirectoryInfo folder, string prefix, List<string> files, List<string> links)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", Everything))
        {
            var name = prefix + entry.Name;
            if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                links.Add(name);
            else if (entry is DirectoryInfo child)
                Find(child, name + "/", files, links);
            else
                files.Add(name);
        }
    }
}
