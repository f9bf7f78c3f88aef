using Inference.Models;
using Inference.Models.Files;

namespace Inference.Repository.Copies;

/// <summary>
/// Private copies of versions in <c>{directory}/copies</c>. Concurrent users of a version share a copy. When the last lease ends, the copy
/// is removed.
/// </summary>
internal sealed class VersionCopies(string directory)
{
    private readonly string _root = Path.GetFullPath(directory);
    private readonly string _folder = Path.Combine(Path.GetFullPath(directory), "copies");
    private readonly Lock _gate = new();

    /// <summary>The copies in use. Hold the gate to access them.</summary>
    private readonly Dictionary<ModelVersion, VersionCopy> _copies = [];

    /// <summary>1 when leftovers of ended processes were removed; otherwise 0.</summary>
    private int _hasSwept;

    /// <summary>Returns a copy of a version. Copies the files unless the version has a copy in use.</summary>
    /// <returns>A lease on a copy of the version. The caller disposes the lease.</returns>
    /// <exception cref="IOException">A file cannot be read, or the directory cannot hold the copy.</exception>
    /// <exception cref="UnauthorizedAccessException">
    /// The process has no permission to read a file, or to write to the directory.
    /// </exception>
    public async Task<CopyLease> GetAsync(ModelVersion version, IReadOnlyCollection<VersionFile> files, CancellationToken cancellationToken)
    {
        if (TryLease(version) is { } lease)
            return lease;
        PrepareFolder();
        ThrowIfNoRoom(files.Sum(file => file.State.Length));
        return AddOrReuse(await VersionCopy.CreateAsync(version, files, _folder, cancellationToken).ConfigureAwait(false));
    }

    public override string ToString() => _folder;

    private CopyLease? TryLease(ModelVersion version)
    {
        lock (_gate)
        {
            if (!_copies.TryGetValue(version, out var copy))
                return null;
            copy.LeaseCount++;
            return new CopyLease(copy, Release);
        }
    }

    private CopyLease AddOrReuse(VersionCopy newCopy)
    {
        VersionCopy copy;
        lock (_gate)
        {
            // Another load of the version may have added its copy first.
            copy = _copies.GetValueOrDefault(newCopy.Version, newCopy);
            _copies[newCopy.Version] = copy;
            copy.LeaseCount++;
        }

        if (copy != newCopy)
            newCopy.Folder.Dispose();
        return new CopyLease(copy, Release);
    }

    private void Release(VersionCopy copy)
    {
        lock (_gate)
        {
            if (--copy.LeaseCount > 0)
                return;
            _copies.Remove(copy.Version);
        }

        copy.Folder.Dispose();
    }

    private void PrepareFolder()
    {
        if ((PrivateFolder.Ensure(_root) ?? PrivateFolder.Ensure(_folder)) is { } reason)
        {
            throw new IOException(
                $"The folder cannot be used, because {reason}. Another user could put models into it. Use a folder that only this user can "
                + "write to.");
        }

        if (Interlocked.Exchange(ref _hasSwept, 1) == 0)
            OwnedFolder.Sweep(_folder);
    }

    private void ThrowIfNoRoom(long size)
    {
        var available = new DriveInfo(_folder).AvailableFreeSpace;
        if (size > available)
            throw new IOException($"The copy needs {Counted.Text(size, "byte")}, but the disk has {available} free.");
    }
}
