using Cli.Output;

namespace Cli.Models.Stores;

/// <summary>
/// The files in a store: a folder or a blob container of models. Paths are relative to the store's root, with <c>/</c> between folders.
/// </summary>
internal interface IModelFiles
{
    /// <summary>The suffix of a file that is still being written.</summary>
    const string PartSuffix = ".part";

    /// <summary>Whether the store is a folder that does not exist. False for a container: only a request shows whether it exists.</summary>
    bool IsMissingFolder => false;

    /// <summary>Creates the folder or the container, if there is none.</summary>
    Task CreateAsync(CancellationToken cancellationToken);

    /// <summary>Lists the files below a folder.</summary>
    /// <param name="folder">The folder, which ends in <c>/</c>; empty for the whole store.</param>
    Task<IReadOnlyList<StoredFile>> ListAsync(string folder, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the names of the folders at the root, including empty folders; none for a container, which has no empty folders. Links are
    /// left out: <see cref="ListAsync"/> follows only one of two links to the same folder, so the other would look empty.
    /// </summary>
    IReadOnlyList<string> ListFolders() => [];

    /// <summary>
    /// Whether a path is a folder, even an empty one. Always false for a blob container, because a file may have the same path as a folder
    /// there.
    /// </summary>
    bool HasFolder(string path) => false;

    /// <summary>Opens a file for reading. The caller disposes the stream.</summary>
    /// <exception cref="CliException">The file does not exist, or is a link that must not be followed.</exception>
    Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a file, which becomes visible in one step. Parts that an interrupted call has already sent are not sent again.
    /// </summary>
    /// <param name="sha256">The hash of the source: 64 lower-case hexadecimal digits.</param>
    /// <param name="beforeVisible">
    /// The action to run when the content is complete, right before the file becomes visible. The action also runs if the file already
    /// exists. Null for no action.
    /// </param>
    Task WriteAsync(
        string path, FileInfo source, string sha256, ProgressLine progress, Func<Task>? beforeVisible, CancellationToken cancellationToken);

    /// <summary>Creates the error for a source that changed while it was copied.</summary>
    static CliException CreateChangedError(FileInfo source) =>
        new($"{source.FullName} changed while it was copied. Push it again when nothing writes to the file.");

    /// <summary>Deletes a file, and the folders that become empty.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);
}

/// <summary>A file in a store.</summary>
/// <param name="Path">The path relative to the store's root, with <c>/</c> between folders.</param>
/// <param name="Size">The size in bytes, which is never negative.</param>
internal sealed record StoredFile(string Path, long Size);
