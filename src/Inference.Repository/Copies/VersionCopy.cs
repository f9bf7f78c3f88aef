using System.Buffers;
using System.Security.Cryptography;
using Inference.Models;

namespace Inference.Repository.Copies;

/// <summary>The files of a version in a folder of this process.</summary>
internal sealed class VersionCopy(ModelVersion version, OwnedFolder folder, IReadOnlyDictionary<string, string> digests)
{
    private const int BufferSize = 1 << 20;

    public ModelVersion Version => version;

    /// <summary>The folder, which is removed with the copy.</summary>
    public OwnedFolder Folder => folder;

    /// <summary>The SHA-256 of each file, by its name relative to the folder.</summary>
    public IReadOnlyDictionary<string, string> Digests => digests;

    /// <summary>The number of leases, which <see cref="VersionCopies"/> changes under its gate.</summary>
    public int LeaseCount { get; set; }

    /// <summary>Copies and hashes each file in one pass. The digest therefore belongs to the copy, even if the original changes.</summary>
    /// <exception cref="IOException">A file cannot be read, or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read a file.</exception>
    public static async Task<VersionCopy> CreateAsync(
        ModelVersion version, IEnumerable<VersionFile> files, string parent, CancellationToken cancellationToken)
    {
        var folder = OwnedFolder.Create(parent);
        try
        {
            var digests = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var file in files)
            {
                digests.Add(
                    file.Name, await CopyAsync(file, Path.Combine(folder.Path, file.Name), cancellationToken).ConfigureAwait(false));
            }

            return new VersionCopy(version, folder, digests);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static async Task<string> CopyAsync(VersionFile file, string target, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var source = File.OpenHandle(file.Path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
        // The length reserves the space. If the disk is full, the copy therefore fails at its start and not at its end.
        using var copy = File.OpenHandle(
            target, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, RandomAccess.GetLength(source));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var offset = 0L; ;)
            {
                var read = await RandomAccess.ReadAsync(source, buffer, offset, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                    return Convert.ToHexStringLower(hash.GetHashAndReset());
                hash.AppendData(buffer, 0, read);
                await RandomAccess.WriteAsync(copy, buffer.AsMemory(0, read), offset, cancellationToken).ConfigureAwait(false);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
