using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Inference.Repository.Trust;

namespace Inference.Azure.Models;

/// <summary>Downloads the blobs of one version. The download fails if a blob has changed since it was listed.</summary>
internal sealed class BlobDownload(BlobContainerClient container, string prefix)
{
    /// <summary>
    /// The maximum number of parallel downloads. A few are enough, because a model has few files, and large files are downloaded in
    /// parallel ranges.
    /// </summary>
    private const int MaxParallelFiles = 4;

    /// <summary>
    /// The ranges of one download. With this size and number of ranges, a download uses the whole bandwidth of a fast link, but not much
    /// memory.
    /// </summary>
    private static readonly StorageTransferOptions Ranges = new()
    {
        InitialTransferSize = 8 << 20,
        MaximumTransferSize = 8 << 20,
        MaximumConcurrency = 4,
    };

    /// <summary>Downloads all blobs of the version to an empty folder.</summary>
    /// <exception cref="InferenceException">A blob has changed, is damaged, or has a name that cannot be a file name.</exception>
    public async Task RunAsync(BlobVersion version, string folder, CancellationToken cancellationToken)
    {
        foreach (var blob in version.Blobs)
        {
            if (!ModelManifest.IsSafeRelativePath(version.GetRelativeName(blob)))
                throw CreateInvalidNameError(version, blob);
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxParallelFiles, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            version.Blobs, parallel, async (blob, token) => await DownloadAsync(version, blob, folder, token).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task DownloadAsync(BlobVersion version, ListedBlob blob, string folder, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(Path.Combine(folder, version.GetRelativeName(blob)));
        if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw CreateInvalidNameError(version, blob);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // Space is allocated first. If the disk is full, the download then fails before the transfer and not at its end.
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            PreallocationSize = blob.Length,
            BufferSize = 0,
        });
        await TransferAsync(version, blob, file, cancellationToken).ConfigureAwait(false);
        if (file.Position != blob.Length)
            throw StoreFailure.CreateChangedError(Describe(version, blob));
        await ThrowIfDamagedAsync(version, blob, file, cancellationToken).ConfigureAwait(false);
        file.Flush(flushToDisk: true);
    }

    private async Task TransferAsync(BlobVersion version, ListedBlob blob, FileStream file, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadToOptions
        {
            Conditions = new BlobRequestConditions { IfMatch = blob.ETag },
            TransferOptions = Ranges,
        };
        try
        {
            await container.GetBlobClient(prefix + blob.Path).DownloadToAsync(file, options, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 412 || e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            throw StoreFailure.CreateChangedError(Describe(version, blob), e);
        }
        catch (RequestFailedException e) when (StoreFailure.IsOffline(e))
        {
            var location = $"{container.Uri.GetLeftPart(UriPartial.Path)} (account \"{container.AccountName}\")";
            throw StoreFailure.FromException(e, $"{Describe(version, blob)} in {location}");
        }
    }

    [SuppressMessage("Security", "CA5351", Justification = "The service's checksum is MD5. It detects damage, not attacks.")]
    private static async Task ThrowIfDamagedAsync(
        BlobVersion version, ListedBlob blob, FileStream file, CancellationToken cancellationToken)
    {
        if (blob.Md5 is not { } expected)
            return;
        file.Position = 0;
        var actual = await MD5.HashDataAsync(file, cancellationToken).ConfigureAwait(false);
        if (!actual.AsSpan().SequenceEqual(expected))
            throw CreateRefusedError(version, blob, "its content does not match its Content-MD5; upload it again");
    }

    private static InferenceException CreateInvalidNameError(BlobVersion version, ListedBlob blob) =>
        CreateRefusedError(version, blob, "its name cannot be a file name; upload it with another name");

    private static InferenceException CreateRefusedError(BlobVersion version, ListedBlob blob, string reason) =>
        new(InferenceError.ModelUnavailable, $"{Describe(version, blob)} is refused: {reason}.")
        {
            LastsUntilFilesChange = true,
            Cause = FailureCause.Files,
        };

    private static string Describe(BlobVersion version, ListedBlob blob) => $"Blob {blob.Path} of model {version.Id}";
}
