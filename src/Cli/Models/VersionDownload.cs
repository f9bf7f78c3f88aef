using Cli.Models.Stores;
using Cli.Output;
using Inference;

namespace Cli.Models;

/// <summary>
/// Copies the files of a version from an untrusted store. No file is written outside the target folder. No file becomes larger than its
/// listed size, and all listed sizes together must fit the free space of the disk.
/// </summary>
internal static class VersionDownload
{
    private const int BufferSize = 1 << 20;

    /// <param name="folder">A new folder to which no other process writes.</param>
    /// <param name="operation">The name of the operation, for the progress line.</param>
    /// <param name="isPartOfReport">Whether the caller writes a report about the version. Only a terminal then shows the progress.</param>
    /// <exception cref="CliException">
    /// A file has a name that is refused or a wrong size, or the files do not fit the disk. The caller then removes the copied files.
    /// </exception>
    public static async Task RunAsync(
        StoredVersion version, string folder, string operation, bool isPartOfReport, CancellationToken cancellationToken)
    {
        var files = version.Files.ToList();
        if (VersionFileNames.FindProblem([.. files.Select(version.GetName)]) is { } problem)
            throw CreateDownloadError(version, problem);
        ThrowIfTooLarge(version, files, folder);
        using var progress = new ProgressLine($"{operation} {version.Id}", files.Sum(file => file.Size), ProgressLine.ByteUnit)
        {
            IsTerminalOnly = isPartOfReport,
        };
        foreach (var file in files)
        {
            var path = Path.Combine(folder, version.GetName(file).Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await CopyAsync(version, file, path, progress, cancellationToken);
        }
    }

    private static void ThrowIfTooLarge(StoredVersion version, List<StoredFile> files, string folder)
    {
        var freeSpace = new DriveInfo(folder).AvailableFreeSpace;
        // The sum of the listed sizes may not fit 64 bits.
        if (files.Aggregate(Int128.Zero, (sum, file) => sum + file.Size) > freeSpace)
            throw CreateDownloadError(version, $"Its files need more than the {Sizes.Format(freeSpace)} that are free at \"{folder}\".");
    }

    private static async Task CopyAsync(
        StoredVersion version, StoredFile file, string path, ProgressLine progress, CancellationToken cancellationToken)
    {
        var name = version.GetName(file);
        await using var input = await version.OpenAsync(name, cancellationToken);
        await using var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[BufferSize];
        var remaining = file.Size;
        for (int read; (read = await input.ReadAsync(buffer, cancellationToken)) > 0; progress.Add(read))
        {
            if ((remaining -= read) < 0)
                throw CreateDownloadError(version, $"\"{name}\" has more than the listed {Counted.Text(file.Size, "byte")}.");
            await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        if (remaining > 0)
            throw CreateDownloadError(version, $"\"{name}\" has fewer than the listed {Counted.Text(file.Size, "byte")}.");
        output.Flush(flushToDisk: true);
    }

    private static CliException CreateDownloadError(StoredVersion version, string reason) => new(
        $"{version.Id} is not copied from {version.Store}. {reason} No file of it is kept. Correct the version in the store, or use "
        + "another store.");
}
