using Cli.Output;

namespace Cli.Models.Stores;

/// <summary>The files of a folder or a container of models. Paths are below its root, with <c>/</c> between folders.</summary>
internal interface IModelFiles
{
    /// <summary>What the name of a file that is still being written may end in.</summary>
    const string PartSuffix = ".part";

    /// <summary>Creates the folder or the container, if there is none.</summary>
    Task CreateAsync(CancellationToken cancellationToken);

    /// <param name="folder">Empty, or ends in <c>/</c>; everything below it is listed.</param>
    Task<IReadOnlyList<StoredFile>> ListAsync(string folder, CancellationToken cancellationToken);

    /// <exception cref="CliException">There is no such file.</exception>
    Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>Puts a file there by one step that all see at once; what an interrupted call left of it is not sent again.</summary>
    /// <param name="sha256">Of the source: 64 lower-case hexadecimal digits.</param>
    Task WriteAsync(string path, FileInfo source, string sha256, ProgressLine progress, CancellationToken cancellationToken);

    Task DeleteAsync(string path, CancellationToken cancellationToken);
}

internal sealed record StoredFile(string Path, long Size);
