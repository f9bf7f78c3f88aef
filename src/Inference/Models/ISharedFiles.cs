namespace Inference.Models;

/// <summary>Files that server instances share in addition to the models. One instance creates a file, and all instances use it.</summary>
public interface ISharedFiles
{
    /// <summary>The folder of the files, beside the model folders. No model can have this name.</summary>
    const string Folder = ".optimized";

    /// <summary>Copies a file to a path where no file exists.</summary>
    /// <param name="name">The name of the file: letters, digits, dots and dashes.</param>
    /// <returns>False when there is no such file.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the file cannot be reached or read.</exception>
    Task<bool> TryGetAsync(string name, string path, CancellationToken cancellationToken);

    /// <summary>Stores a copy of the file at a path, and replaces an existing file of the same name.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the file cannot be reached or written.
    /// </exception>
    Task PutAsync(string name, string path, CancellationToken cancellationToken);
}
