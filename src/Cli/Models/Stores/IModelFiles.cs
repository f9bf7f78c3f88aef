using Cli.Output;

namespace Cli.Models.Stores;

/// <summary>The files in a folder or container of models. Paths are relative to its root, with <c>/</c> between folders.</summary>
internal interface IModelFiles
{
    /// <summary>The suffix of a file that is still being written.</summary>
    const string PartSuffix = ".part";

    /// <summary>Creates the folder or the container, if there is none.</summary>
    Task CreateAsync(CancellationToken cancellationToken);

    /// <param name="folder">Empty, or ends in <c>/</c>. Everything below it is listed.</param>
    Task<IReadOnlyList<StoredFile>> ListAsync(string folder, CancellationToken cancellationToken);

    /// <exception cref="CliException">The file does not exist.</exception>
    Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a file, which becomes visible in one step. Parts that an interrupted call has already sent are not sent again.
    /// </summary>
    /// <param name="sha256">The hash of the source: 64 lower-case hexadecimal digits.</param>
    Task WriteAsync(string path, FileInfo source, string sha256, ProgressLine progress, CancellationToken cancellationToken);

    Task DeleteAsync(string path, CancellationToken cancellationToken);
}

/// <summary>A file in a store.</summary>
/// <param name="Path">The path relative to the store's root, with <c>/</c> between folders.</param>
/// <param name="Size">The size in bytes.</param>
internal sealed record StoredFile(string Path, long Size);
