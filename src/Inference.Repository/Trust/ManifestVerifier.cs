using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Repository.Trust;

/// <summary>Holds the files of a version's folder against its manifest.</summary>
public static class ManifestVerifier
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = false, AttributesToSkip = FileAttributes.None };

    /// <summary>
    /// Every listed file is there and has its digest, and no other is, because the model could load it; nothing is reached by a
    /// link. The manifest and its signature need no digest.
    /// </summary>
    /// <returns>All that is wrong; empty when the folder is what the manifest says.</returns>
    /// <exception cref="IOException">A file or folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file or folder may not be read.</exception>
    public static async Task<IReadOnlyList<FileProblem>> VerifyAsync(ModelManifest manifest, string folder, CancellationToken cancellationToken)
    {
        var problems = new ProblemList(ModelManifest.FileName);
        var files = new HashSet<string>(StringComparer.Ordinal);
        AddFiles(new DirectoryInfo(folder), "", files, problems);
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in manifest.Entries.Where(entry => files.Contains(entry.Name)))
            digests[entry.Name] = await FileDigest.ComputeAsync(Path.Combine(folder, entry.Name), cancellationToken).ConfigureAwait(false);
        Compare(manifest, files, digests, problems);
        return problems.Problems;
    }

    /// <summary>Does the same for files that were copied out of the folder.</summary>
    /// <param name="folder">Looked at only for links.</param>
    /// <param name="copied">The digest of each file that was copied, by its name as in a manifest.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public static IReadOnlyList<FileProblem> Verify(ModelManifest manifest, string folder, IReadOnlyDictionary<string, string> copied)
    {
        var problems = new ProblemList(ModelManifest.FileName);
        AddFiles(new DirectoryInfo(folder), "", [], problems);
        Compare(manifest, copied.Keys.ToHashSet(StringComparer.Ordinal), copied, problems);
        return problems.Problems;
    }

    private static void Compare(ModelManifest manifest, HashSet<string> files, IReadOnlyDictionary<string, string> digests, ProblemList problems)
    {
        foreach (var entry in manifest.Entries)
        {
            if (!files.Remove(entry.Name))
                problems.Add(entry.Line, 1, "", $"{Wording.Quote(entry.Name)} is listed, but it is not a file of the folder.");
            else if (digests[entry.Name] is var digest && digest != entry.Sha256)
                problems.Add(entry.Line, 1, "", $"{Wording.Quote(entry.Name)} has the digest {digest}, but {entry.Sha256} is listed.");
        }

        files.ExceptWith([ModelManifest.FileName, ManifestSignature.FileName]);
        foreach (var name in files.Order(StringComparer.Ordinal))
            problems.Add(0, 0, "", $"{Wording.Quote(name)} is in the folder, but not listed.");
    }

    private static void AddFiles(DirectoryInfo folder, string prefix, HashSet<string> files, ProblemList problems)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", Everything))
        {
            var name = prefix + entry.Name;
            if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                problems.Add(0, 0, "", $"{Wording.Quote(name)} is a link; a model's files lie in its folder.");
            else if (entry is DirectoryInfo child)
                AddFiles(child, name + "/", files, problems);
            else
                files.Add(name);
        }
    }
}
