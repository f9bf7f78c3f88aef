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
        _path = (target.LinkTarget is null ? target : target.ResolveLinkTarget(returnFinalTarget: true) ?? target).FullName;
        _part = !File.Exists(_path) || RegularFile.Exists(_path) ? $"{_path}.{Guid.NewGuid():N}.part" : null;
        Stream = _part is null
            ? new FileStream(_path, FileMode.Open, FileAccess.Write)
            : new FileStream(_part, FileMode.CreateNew, FileAccess.Write);
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
        Stream.Dispose();
        if (_part is not null)
            File.Delete(_part);
    }
}
