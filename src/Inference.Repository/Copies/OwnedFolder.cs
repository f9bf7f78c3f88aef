namespace Inference.Repository.Copies;

/// <summary>
/// A folder that belongs to this process. For a folder <c>{name}</c>, the process keeps the file <c>{name}.lock</c> locked. The operating
/// system releases the lock when the process ends, even after a crash. An unlocked folder therefore belongs to no running process, in this
/// container or another one.
/// </summary>
internal sealed class OwnedFolder : IDisposable
{
    private const string LockExtension = ".lock";

    private readonly FileStream _lockFile;

    private OwnedFolder(string path, FileStream lockFile) => (Path, _lockFile) = (path, lockFile);

    public string Path { get; }

    /// <summary>Creates a locked folder with a unique name. The caller disposes the result, which removes the folder.</summary>
    /// <param name="parent">The parent folder, which must exist.</param>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to create the folder.</exception>
    public static OwnedFolder Create(string parent)
    {
        var path = System.IO.Path.Combine(parent, Guid.NewGuid().ToString("N"));
        // The lock is created first, because the sweep of another process removes a folder without a lock.
        var lockFile = OpenLocked(path + LockExtension, FileMode.CreateNew);
        try
        {
            return new OwnedFolder(Directory.CreateDirectory(path).FullName, lockFile);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Removes the folders of processes that have ended, and folders without a lock file.</summary>
    public static void Sweep(string parent)
    {
        foreach (var path in Directory.GetFiles(parent, "*" + LockExtension))
            IgnoreFailure(() => DeleteUnlocked(path));
        foreach (var folder in Directory.GetDirectories(parent).Where(folder => !File.Exists(folder + LockExtension)))
            IgnoreFailure(() => Delete(folder));
    }

    public void Dispose()
    {
        IgnoreFailure(() => Delete(Path));
        _lockFile.Dispose();
    }

    /// <summary>
    /// Runs a removal and ignores its failure. The removal fails when a file is in use, or when another process removes the folder at the
    /// same time. A later sweep removes the rest.
    /// </summary>
    private static void IgnoreFailure(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static void DeleteUnlocked(string lockPath)
    {
        using var lockFile = OpenLocked(lockPath, FileMode.Open);
        Delete(lockPath[..^LockExtension.Length]);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>
    /// Creates or opens a file and locks it. The file is deleted when the lock is released, unless the process is killed.
    /// </summary>
    private static FileStream OpenLocked(string path, FileMode mode) =>
        new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
}
