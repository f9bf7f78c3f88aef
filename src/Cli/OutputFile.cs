using System.Text.RegularExpressions;
using Inference.Models.Files;

namespace Cli;

/// <summary>
/// A file that a command writes. The content has a temporary name until <see cref="Complete"/>, so that a command that fails leaves no
/// partial file, and an existing file as it was. A device, a pipe, or an open file such as <c>/dev/stdout</c> is written directly.
/// </summary>
internal sealed partial class OutputFile : IDisposable
{
    /// <summary>The maximum number of links to follow, which is Linux's limit.</summary>
    private const int MaxLinks = 40;

    /// <summary>The folders with a link for each open file of a process.</summary>
    private static readonly string[] OpenFileFolders = ["/proc/", "/dev/fd/"];

    private readonly string _path;

    /// <summary>The temporary name; null when the path is written directly.</summary>
    private readonly string? _part;

    /// <exception cref="CliException">The file cannot be created or opened.</exception>
    public OutputFile(string path)
    {
        var target = new FileInfo(path);
        try
        {
            if (IsWrittenDirectly(target))
            {
                // Only the system can follow a link to an open file, because the text of such a link need not be a path.
                _path = target.FullName;
                Stream = new FileStream(_path, FileMode.Open, FileAccess.Write);
                // A shell may have redirected stdout to a file. The content then follows the earlier output of the command.
                if (Stream.CanSeek)
                    Stream.Seek(0, SeekOrigin.End);
                return;
            }

            _path = (target.LinkTarget is null ? target : target.ResolveLinkTarget(returnFinalTarget: true) ?? target).FullName;
            _part = $"{_path}.{Guid.NewGuid():N}.part";
            Stream = CreatePart(_part, _path);
        }
        catch (Exception e) when (FileFailure.Matches(e))
        {
            throw new CliException(FileFailure.Describe(e, $"\"{path}\""), cause: e);
        }
    }

    /// <summary>The content. <see cref="Complete"/> and <see cref="Dispose"/> close it.</summary>
    public FileStream Stream { get; }

    /// <summary>Writes a whole file.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var file = new OutputFile(path);
        await file.Stream.WriteAsync(content, cancellationToken);
        file.Complete();
    }

    /// <summary>Returns the final path for the path of a temporary name. Returns every other path unchanged.</summary>
    public static string GetFinalPath(string path) => PartSuffix().Replace(path, "");

    /// <summary>Gives the file its name. Call this when the content is complete.</summary>
    public void Complete()
    {
        Stream.Dispose();
        if (_part is not null)
            File.Move(_part, _path, overwrite: true);
    }

    /// <summary>Deletes the content, unless it is complete.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        finally
        {
            // On a full disk, closing the stream fails, because it writes the rest of its buffer.
            if (_part is not null)
                File.Delete(_part);
        }
    }

    /// <summary>
    /// Whether the path is a pipe, a device, or a link to an open file of a process. A new file with the name of an open file would not
    /// replace the open file.
    /// </summary>
    private static bool IsWrittenDirectly(FileInfo target)
    {
        if (OperatingSystem.IsLinux() && FileStatus.TryRead(target.FullName, followsLinks: true, out var status) && !status.IsFile)
            return true;
        FileSystemInfo? link = target;
        for (var links = 0; link is not null && links < MaxLinks; links++)
        {
            var path = link.FullName;
            if (Array.Exists(OpenFileFolders, folder => path.StartsWith(folder, StringComparison.Ordinal)))
                return true;
            link = link.LinkTarget is null ? null : link.ResolveLinkTarget(returnFinalTarget: false);
        }

        return false;
    }

    /// <summary>Creates the temporary file, with the permissions of the file that it will replace.</summary>
    /// <exception cref="UnauthorizedAccessException">The user has no permission to write the existing file or its folder.</exception>
    private static FileStream CreatePart(string part, string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!File.Exists(path))
            return new FileStream(part, options);
        using var existing = new FileStream(path, FileMode.Open, FileAccess.Write);
        if (OperatingSystem.IsWindows())
            return new FileStream(part, options);
        var mode = File.GetUnixFileMode(existing.SafeFileHandle);
        options.UnixCreateMode = mode;
        var stream = new FileStream(part, options);
        // The process may have a mask that removes permissions from new files.
        File.SetUnixFileMode(part, mode);
        return stream;
    }

    [GeneratedRegex(@"\.[0-9a-f]{32}\.part$")]
    private static partial Regex PartSuffix();
}
