namespace Inference.Repository.Copies;

/// <summary>
/// A folder that belongs to this process: <c>{name}</c>, with <c>{name}.lock</c> beside it, which the process keeps locked. The operating
/// system ends the lock with the process, however that ends. So an unlocked folder is a leftover, whichever process or container made it.
/// </summary>
internal sealed class OwnedFolder : IDisposable
{
    private const string LockExtension = ".lock";

    private readonly FileStream _lock;

    private OwnedFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static OwnedFolder Create(string parent)
    {
        var path = System.IO.Path.Combine(parent, Guid.NewGuid().ToString("N"));
        // The lock comes first: nobody finds the folder without it.
        var @lock = Lock(path + LockExtension, FileMode.CreateNew);
        try
        {
            return new OwnedFolder(Directory.CreateDirectory(path).FullName, @lock);
        }
        catch
        {
            @lock.Dispose();
            throw;
        }
    }

    /// <summary>Removes the folders of processes that have ended.</summary>
    public static void Sweep(string parent)
    {
        foreach (var path in Directory.GetFiles(parent, "*" + LockExtension))
            Try(() => DeleteUnlocked(path));
        foreach (var folder in Directory.GetDirectories(parent).Where(folder => !File.Exists(folder + LockExtension)))
            Try(() => Delete(folder));
    }

    public void Dispose()
    {
        Try(() => Delete(Path));
        _lock.Dispose();
    }

    /// <summary>What cannot be removed now, in use by a process that lives or swept by another one, is removed by a later sweep.</summary>
    private static void Try(Action remove)
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
        using var @lock = Lock(lockPath, FileMode.Open);
        Delete(lockPath[..^LockExtension.Length]);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>The file goes with its lock, unless the process is killed.</summary>
    private static FileStream Lock(string path, FileMode mode) =>
        new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
}
