using System.Text.RegularExpressions;
using Inference.Models.Files;

namespace Cli;

/// <summary>
/// A file that a command writes. The content goes to a temporary file, which <see cref="Complete"/> renames. So a command that fails leaves
/// no partial file, and does not change an existing file. A device, a pipe, or an open file such as <c>/dev/fd/3</c> is written directly.
/// If the path leads to standard output or standard error, the content is written to that stream.
/// </summary>
internal sealed partial class OutputFile : IDisposable
{
    /// <summary>The maximum number of links to follow, which is Linux's limit.</summary>
    private const int MaxLinks = 40;

    private readonly string _path;

    /// <summary>The path of the temporary file; null when the content is written directly.</summary>
    private readonly string? _temporaryPath;

    /// <exception cref="CliException">The file cannot be created or opened.</exception>
    public OutputFile(string path)
    {
        var file = new FileInfo(path);
        try
        {
            List<string> links = [.. FollowLinks(file)];
            if (OpenStandardStream(links) is { } standard)
            {
                _path = file.FullName;
                Stream = standard;
                return;
            }

            if (IsWrittenDirectly(file, links))
            {
                // The links are not resolved: the text of a link to an open file is not always a path, so only the system can follow it.
                _path = file.FullName;
                Stream = new FileStream(_path, FileMode.Open, FileAccess.Write);
                // The new content is appended, because the process that opened the file may have written to it.
                if (Stream.CanSeek)
                    Stream.Seek(0, SeekOrigin.End);
                return;
            }

            _path = (file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file).FullName;
            _temporaryPath = $"{_path}.{Guid.NewGuid():N}.part";
            Stream = CreateTemporaryFile(_temporaryPath, _path);
        }
        catch (Exception e) when (FileFailure.Matches(e))
        {
            throw new CliException(FileFailure.Describe(e, $"\"{path}\""), cause: e);
        }
    }

    /// <summary>The stream for the content. <see cref="Complete"/> and <see cref="Dispose"/> close the stream.</summary>
    public Stream Stream { get; }

    /// <summary>Writes a whole file.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var file = new OutputFile(path);
        await file.Stream.WriteAsync(content, cancellationToken);
        file.Complete();
    }

    /// <summary>Returns the path that a temporary file gets when it is complete. Returns every other path unchanged.</summary>
    public static string GetFinalPath(string path) => PartSuffix().Replace(path, "");

    /// <summary>Closes the stream, and renames the temporary file to the path. Call this when the content is complete.</summary>
    public void Complete()
    {
        Stream.Dispose();
        if (_temporaryPath is not null)
            File.Move(_temporaryPath, _path, overwrite: true);
    }

    /// <summary>Closes the stream, and deletes the temporary file if it was not renamed.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        finally
        {
            // Closing the stream writes the rest of its buffer, which throws on a full disk. The temporary file is deleted even then.
            if (_temporaryPath is not null)
                File.Delete(_temporaryPath);
        }
    }

    /// <summary>
    /// Returns standard output or standard error if the path or one of its links leads there. A shell may have redirected the stream to a
    /// file. If the path of that file were opened again, the second handle would have its own position, and later output of the shell would
    /// overwrite the content.
    /// </summary>
    /// <returns>Null for every other path.</returns>
    private static Stream? OpenStandardStream(List<string> links) =>
        links.Exists(StandardOutput().IsMatch) ? Console.OpenStandardOutput()
        : links.Exists(StandardError().IsMatch) ? Console.OpenStandardError()
        : null;

    /// <summary>
    /// Whether the path is a pipe, a device, or a link to an open file of a process. A temporary file cannot replace them, because the
    /// other process would keep the old file open and not see the new one.
    /// </summary>
    private static bool IsWrittenDirectly(FileInfo file, List<string> links) =>
        (OperatingSystem.IsLinux() && FileStatus.TryRead(file.FullName, followsLinks: true, out var status) && !status.IsFile)
        || links.Exists(OpenedFile().IsMatch);

    /// <summary>Returns the path of a file, and the path to which each link leads.</summary>
    private static IEnumerable<string> FollowLinks(FileInfo file)
    {
        FileSystemInfo? link = file;
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
        // The umask of the process may have removed permissions from the new file.
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
