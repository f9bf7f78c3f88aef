using System.Text.RegularExpressions;
using Inference.Models.Files;

namespace Cli;

/// <summary>
/// A file that a command writes. The content has a temporary name until <see cref="Complete"/>. So a command that fails leaves no partial
/// file, and does not change an existing file. A device, a pipe, or an open file such as <c>/dev/fd/3</c> is written directly. A path of
/// standard output or standard error is written to that stream.
/// </summary>
internal sealed partial class OutputFile : IDisposable
{
    /// <summary>The maximum number of links to follow, which is Linux's limit.</summary>
    private const int MaxLinks = 40;

    private readonly string _path;

    /// <summary>The temporary name; null when the path is written directly.</summary>
    private readonly string? _temporaryPath;

    /// <exception cref="CliException">The file cannot be created or opened.</exception>
    public OutputFile(string path)
    {
        var target = new FileInfo(path);
        try
        {
            List<string> links = [.. FollowLinks(target)];
            if (OpenStandardStream(links) is { } standard)
            {
                _path = target.FullName;
                Stream = standard;
                return;
            }

            if (IsWrittenDirectly(target, links))
            {
                // Only the operating system can follow a link to an open file, because the text of such a link is not always a path.
                _path = target.FullName;
                Stream = new FileStream(_path, FileMode.Open, FileAccess.Write);
                // The content is appended to the existing content of the open file.
                if (Stream.CanSeek)
                    Stream.Seek(0, SeekOrigin.End);
                return;
            }

            _path = (target.LinkTarget is null ? target : target.ResolveLinkTarget(returnFinalTarget: true) ?? target).FullName;
            _temporaryPath = $"{_path}.{Guid.NewGuid():N}.part";
            Stream = CreateTemporaryFile(_temporaryPath, _path);
        }
        catch (Exception e) when (FileFailure.Matches(e))
        {
            throw new CliException(FileFailure.Describe(e, $"\"{path}\""), cause: e);
        }
    }

    /// <summary>The content. <see cref="Complete"/> and <see cref="Dispose"/> close it.</summary>
    public Stream Stream { get; }

    /// <summary>Writes a whole file.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var file = new OutputFile(path);
        await file.Stream.WriteAsync(content, cancellationToken);
        file.Complete();
    }

    /// <summary>Returns the final path for the path of a temporary name. Returns every other path unchanged.</summary>
    public static string GetFinalPath(string path) => PartSuffix().Replace(path, "");

    /// <summary>Renames the content from its temporary name. Call this when the content is complete.</summary>
    public void Complete()
    {
        Stream.Dispose();
        if (_temporaryPath is not null)
            File.Move(_temporaryPath, _path, overwrite: true);
    }

    /// <summary>Closes the content, and deletes the temporary file if there still is one.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        finally
        {
            // On a full disk, closing the stream fails, because it writes the rest of its buffer.
            if (_temporaryPath is not null)
                File.Delete(_temporaryPath);
        }
    }

    /// <summary>
    /// Opens standard output or standard error, if the path or one of its links leads there. A file to which a shell has redirected stdout
    /// is not opened by its path, because this second opening would have a position of its own, and later output of the shell would
    /// overwrite the content.
    /// </summary>
    /// <returns>Null for every other path.</returns>
    private static Stream? OpenStandardStream(List<string> links) =>
        links.Exists(StandardOutput().IsMatch) ? Console.OpenStandardOutput()
        : links.Exists(StandardError().IsMatch) ? Console.OpenStandardError()
        : null;

    /// <summary>
    /// Whether the path is a pipe, a device, or a link to an open file of a process. A new file with the name of an open file would not
    /// replace the open file.
    /// </summary>
    private static bool IsWrittenDirectly(FileInfo target, List<string> links) =>
        (OperatingSystem.IsLinux() && FileStatus.TryRead(target.FullName, followsLinks: true, out var status) && !status.IsFile)
        || links.Exists(OpenedFile().IsMatch);

    /// <summary>Returns the path of a file, and the path to which each link leads.</summary>
    private static IEnumerable<string> FollowLinks(FileInfo target)
    {
        FileSystemInfo? link = target;
        for (var count = 0; link is not null && count < MaxLinks; count++)
        {
            yield return link.FullName;
            link = link.LinkTarget is null ? null : link.ResolveLinkTarget(returnFinalTarget: false);
        }
    }

    /// <summary>Creates the temporary file, with the permissions of the file that it will replace.</summary>
    /// <exception cref="UnauthorizedAccessException">The user has no permission to write the existing file or its folder.</exception>
    private static FileStream CreateTemporaryFile(string temporaryPath, string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!File.Exists(path))
            return new FileStream(temporaryPath, options);
        using var existing = new FileStream(path, FileMode.Open, FileAccess.Write);
        if (OperatingSystem.IsWindows())
            return new FileStream(temporaryPath, options);
        var mode = File.GetUnixFileMode(existing.SafeFileHandle);
        options.UnixCreateMode = mode;
        var stream = new FileStream(temporaryPath, options);
        // The process may have a mask that removes permissions from new files.
        File.SetUnixFileMode(temporaryPath, mode);
        return stream;
    }

    [GeneratedRegex("^(/dev/stdout|(/dev|/proc/self)/fd/1)$")]
    private static partial Regex StandardOutput();

    [GeneratedRegex("^(/dev/stderr|(/dev|/proc/self)/fd/2)$")]
    private static partial Regex StandardError();

    /// <summary>Matches the links to the open files of a process.</summary>
    [GeneratedRegex("^/(dev|proc/.+)/fd/[0-9]+$")]
    private static partial Regex OpenedFile();

    [GeneratedRegex(@"\.[0-9a-f]{32}\.part$")]
    private static partial Regex PartSuffix();
}
