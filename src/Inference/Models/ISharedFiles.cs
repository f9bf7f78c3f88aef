namespace Inference.Models;

/// <summary>Files that instances leave for each other beside the models, made once and used by all.</summary>
public interface ISharedFiles
{
    /// <summary>The folder beside the models' that they lie in; no model can have this name.</summary>
    const string Folder = ".optimized";

    /// <summary>Copies a file to a path where none is.</summary>
    /// <param name="name">Letters, digits, dots and dashes.</param>
    /// <returns>False when there is no such file.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: it cannot be reached or read.</exception>
    Task<bool> TryGetAsync(string name, string path, CancellationToken cancellationToken);

    /// <summary>Leaves a copy of the file at a path, in the place of one that is there.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: it cannot be reached or written.</exception>
    Task PutAsync(string name, string path, CancellationToken cancellationToken);
}
