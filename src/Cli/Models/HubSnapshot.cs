using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>
/// A folder in the cache of Hugging Face's hub: <c>&lt;repository&gt;/snapshots/&lt;revision&gt;</c>, whose files are links to
/// <c>&lt;repository&gt;/blobs</c>.
/// </summary>
internal static class HubSnapshot
{
    /// <summary>Copies the files of a snapshot, or of a folder in it, and resolves their links.</summary>
    /// <param name="workFolder">Receives the copy.</param>
    /// <returns>The folder of the copy; null when the folder is not in a snapshot.</returns>
    /// <exception cref="CliException">A link leads to something other than the blobs of its repository.</exception>
    public static string? Copy(string folder, string workFolder)
    {
        if (FindBlobs(new DirectoryInfo(Path.GetFullPath(folder))) is not { } blobs)
            return null;
        var copy = Path.Combine(workFolder, "snapshot");
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var real = file.LinkTarget is null ? file.FullName : Confinement.RealPath(file.FullName);
            if (real is null || (file.LinkTarget is not null && !Confinement.IsWithin(real, blobs)))
            {
                throw new CliException(
                    real is null
                        ? $"{file.FullName} is a link that leads nowhere: download the model again."
                        : $"{file.FullName} is a link that leads out of {blobs}, where the files of a snapshot lie.");
            }

            var target = Path.Combine(copy, Path.GetRelativePath(folder, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(real, target);
        }

        return Directory.Exists(copy) ? copy : null;
    }

    /// <summary>Finds the folder of the blobs, without links; null when the folder is not in a snapshot.</summary>
    private static string? FindBlobs(DirectoryInfo folder)
    {
        for (var revision = folder; revision is not null; revision = revision.Parent)
        {
            if (revision.Parent is { Name: "snapshots", Parent: { } repository }
                && Confinement.RealPath(Path.Combine(repository.FullName, "blobs")) is { } blobs)
            {
                return blobs;
            }
        }

        return null;
    }
}
