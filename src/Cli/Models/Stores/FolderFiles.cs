using Cli.Output;
using Inference.Repository.Trust;

namespace Cli.Models.Stores;

/// <summary>The files of models in a folder.</summary>
internal sealed class FolderFiles(string root) : IModelFiles
{
    private const int BufferSize = 1 << 20;

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    public bool IsMissingFolder => !Path.Exists(_root);

    public Task CreateAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_root);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<StoredFile>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_root))
        {
            throw new CliException(
                IsMissingFolder ? $"There is no folder {_root}. Check --store." : $"{_root} is a file. Name a folder with --store.");
        }

        var directory = new DirectoryInfo(folder.Length == 0 ? _root : GetFullPath(folder));
        return Task.FromResult<IReadOnlyList<StoredFile>>(directory.Exists ? [.. EnumerateFiles(directory, [])] : []);
    }

    public IReadOnlyList<string> ListFolders() =>
        [.. new DirectoryInfo(_root).EnumerateDirectories().Where(folder => folder.LinkTarget is null).Select(folder => folder.Name)];

    public bool HasFolder(string path) => Directory.Exists(GetFullPath(path));

    public Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(GetFullPath(path));
        if (file.LinkTarget is null && !file.Exists)
            throw new CliException($"There is no \"{path}\" in {_root}.");
        return FindEscape(file) is { } escape
            ? throw new CliException($"\"{path}\" in {_root} is not read: {escape} Replace it with a file.")
            : Task.FromResult<Stream>(file.OpenRead());
    }

    public async Task WriteAsync(
        string path, FileInfo source, string sha256, ProgressLine progress, Func<Task>? beforeVisible, CancellationToken cancellationToken)
    {
        var target = new FileInfo(GetFullPath(path));
        Link.ThrowIfInPath(_root, target.FullName);
        Link.ThrowIfInPath(_root, target.FullName + IModelFiles.PartSuffix);
        if (target.Exists && target.Length == source.Length && await FileHash.ComputeAsync(target, cancellationToken) == sha256)
        {
            progress.Skip(source.Length);
            await (beforeVisible?.Invoke() ?? Task.CompletedTask);
            return;
        }

        target.Directory!.Create();
        var part = new FileInfo(target.FullName + IModelFiles.PartSuffix);
        if (part.Exists && !await IsStartOfAsync(part, source, cancellationToken))
            part.Delete();
        await AppendAsync(source, part, progress, cancellationToken);
        part.Refresh();
        if (await FileHash.ComputeAsync(part, cancellationToken) != sha256)
            throw IModelFiles.CreateChangedError(source);
        await (beforeVisible?.Invoke() ?? Task.CompletedTask);
        part.MoveTo(target.FullName, overwrite: true);
    }

    public Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(GetFullPath(path));
        // When the file itself is a link, the link is deleted and not its target.
        Link.ThrowIfInPath(_root, file.DirectoryName!);
        file.Delete();
        for (var folder = file.Directory; folder is not null && folder.FullName != _root
            && !folder.EnumerateFileSystemInfos().Any(); folder = folder.Parent)
        {
            folder.Delete();
        }

        return Task.CompletedTask;
    }

    public override string ToString() => _root;

    private static async Task AppendAsync(FileInfo source, FileInfo part, ProgressLine progress, CancellationToken cancellationToken)
    {
        await using var input = source.OpenRead();
        await using var output = new FileStream(part.FullName, FileMode.Append, FileAccess.Write);
        input.Position = output.Position;
        progress.Skip(output.Position);
        await CopyAsync(input, output, progress, cancellationToken);
    }

    private static async Task CopyAsync(Stream input, FileStream output, ProgressLine progress, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        for (int read; (read = await input.ReadAsync(buffer, cancellationToken)) > 0; progress.Add(read))
            await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        output.Flush(flushToDisk: true);
    }

    private static async Task<bool> IsStartOfAsync(FileInfo part, FileInfo source, CancellationToken cancellationToken)
    {
        if (part.Length > source.Length)
            return false;
        await using var partContent = part.OpenRead();
        await using var sourceContent = source.OpenRead();
        var (partBuffer, sourceBuffer) = (new byte[BufferSize], new byte[BufferSize]);
        for (int read; (read = await partContent.ReadAsync(partBuffer, cancellationToken)) > 0;)
        {
            await sourceContent.ReadExactlyAsync(sourceBuffer.AsMemory(0, read), cancellationToken);
            if (!partBuffer.AsSpan(0, read).SequenceEqual(sourceBuffer.AsSpan(0, read)))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Returns the files of a folder and its subfolders. A link that must not be followed is listed with size 0. A command that reads the
    /// link then reports why the link is not followed.
    /// </summary>
    /// <param name="followedTargets">
    /// The targets of the folder links that were followed. Each target is followed once, so that circular links end.
    /// </param>
    private IEnumerable<StoredFile> EnumerateFiles(DirectoryInfo folder, HashSet<string> followedTargets)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith(FolderBoundary.VolumePrefix, StringComparison.Ordinal))
                continue;
            var isLink = entry.LinkTarget is not null;
            if (isLink && FindEscape(entry) is not null)
            {
                yield return new StoredFile(GetRelativePath(entry), 0);
            }
            else if (!Directory.Exists(entry.FullName))
            {
                yield return new StoredFile(GetRelativePath(entry), GetLength(entry));
            }
            else if (!isLink || followedTargets.Add(FolderBoundary.GetRealPath(entry.FullName)!))
            {
                foreach (var file in EnumerateFiles(new DirectoryInfo(entry.FullName), followedTargets))
                    yield return file;
            }
        }
    }

    private static long GetLength(FileSystemInfo entry)
    {
        var file = new FileInfo(FolderBoundary.GetRealPath(entry.FullName) ?? entry.FullName);
        return file.Exists ? file.Length : 0;
    }

    /// <summary>
    /// Returns why a link must not be followed; null when the link can be followed, or when the entry is not a link. The rules are those of
    /// a server: a link must not lead out of the version's folder, and a link to a settings file must not lead out of the model's folder.
    /// The folders of models and versions can be links themselves.
    /// </summary>
    private string? FindEscape(FileSystemInfo entry)
    {
        var parts = GetRelativePath(entry).Split('/');
        var boundary = parts.Length <= 2 && Directory.Exists(entry.FullName)
            ? Path.GetPathRoot(_root)!
            : Path.Combine([_root, .. parts[..Math.Min(parts.Length - 1, 2)]]);
        return FolderBoundary.FindEscape(entry, FolderBoundary.GetRealPath(boundary) ?? boundary);
    }

    private string GetRelativePath(FileSystemInfo file) =>
        Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>
    /// Returns the full path of a file in the store. The relative path can contain names that another user of the store has chosen, so it
    /// is checked.
    /// </summary>
    /// <exception cref="CliException">The path leads out of the root, or contains a backslash or a colon.</exception>
    private string GetFullPath(string path)
    {
        var fullPath = Path.GetFullPath(Path.Combine(_root, path));
        return fullPath.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !path.AsSpan().ContainsAny('\\', ':')
            ? fullPath
            : throw new CliException(
                $"\"{path}\" cannot be used, because it leads out of {_root}, or contains a backslash or a colon. Rename the file.");
    }
}
