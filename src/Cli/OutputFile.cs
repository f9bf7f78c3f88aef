using Inference.Models.Files;

namespace Cli;

/// <summary>
/// A file that a command writes. The content has a temporary name until <see cref="Complete"/>, so that a command that fails leaves no
/// partial file, and an existing file as it was. A device or a pipe, such as <c>/dev/stdout</c>, is written directly.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;

    /// <summary>The temporary name; null when the path is written directly.</summary>
    private readonly string? _part;

    public OutputFile(string path)
    {
        var target = new FileInfo(path);
        if (OperatingSystem.IsLinux() && FileStatus.TryRead(target.FullName, followsLinks: true, out var status) && !status.IsFile)
        {
            // Only the system can follow a link to a pipe, such as /dev/stdout, because the text of that link is not a path.
            _path = target.FullName;
            Stream = new FileStream(_path, FileMode.Open, FileAccess.Write);
            return;
        }

        _path = (target.LinkTarget is null ? target : target.ResolveLinkTarget(returnFinalTarget: true) ?? target).FullName;
        _part = $"{_path}.{Guid.NewGuid():N}.part";
        Stream = CreatePart(_part, _path);
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
}
