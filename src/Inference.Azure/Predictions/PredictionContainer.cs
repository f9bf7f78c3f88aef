using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Inference.Azure.Settings;
using StorageAccounts;

namespace Inference.Azure.Predictions;

/// <summary>
/// The container of results, requests and job records. A blob is created only if it does not exist, and replaced only by a caller that has
/// read its current state. A blob beyond its time to live counts as missing, even before its deletion. Only the service's clock determines
/// ages, because a wrong local clock would delete results. No connection is made before the first use.
/// </summary>
public sealed class PredictionContainer
{
    /// <summary>The number of blobs in one page of a list. A page needs about 1 KB of memory for each blob.</summary>
    private const int PageSize = 1000;

    private static readonly BlobHttpHeaders JsonHeaders = new() { ContentType = "application/json" };

    private readonly Lazy<BlobServiceClient> _service;
    private readonly PredictionSettings _settings;

    public PredictionContainer(StorageAccount account, PredictionSettings settings)
        : this(account, settings, ClientRetry.LimitRetries(new BlobClientOptions()))
    {
    }

    internal PredictionContainer(StorageAccount account, PredictionSettings settings, BlobClientOptions options)
    {
        _settings = settings;
        _service = new Lazy<BlobServiceClient>(() => account.CreateBlobClient(options));
    }

    /// <summary>The name of the container.</summary>
    public string Name => _settings.Container;

    private string Account => _service.Value.AccountName;

    private BlobContainerClient Container => _service.Value.GetBlobContainerClient(_settings.Container);

    /// <summary>Writes a blob unless it exists. Only one of several writers succeeds.</summary>
    /// <returns>Whether this writer has succeeded.</returns>
    public async Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        while (!await TryWriteAsync(name, content, new BlobRequestConditions { IfNoneMatch = ETag.All }, cancellationToken)
            .ConfigureAwait(false))
        {
            if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is not { IsExpired: true } expired)
                return false;
            await TryDeleteAsync(name, expired.ETag, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Replaces a blob if it has not changed since it was read.</summary>
    /// <param name="etag">The ETag that the read returned.</param>
    /// <returns>False when the blob has changed or was deleted.</returns>
    public Task<bool> TryReplaceAsync(string name, ReadOnlyMemory<byte> content, ETag etag, CancellationToken cancellationToken) =>
        TryWriteAsync(name, content, new BlobRequestConditions { IfMatch = etag }, cancellationToken);

    /// <summary>Sets the properties of a blob again, so that its time to live begins anew. A missing blob stays missing.</summary>
    public async Task RenewAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await StorageCall.RunAsync(
                Account,
                name,
                () => Container.GetBlobClient(name).SetHttpHeadersAsync(JsonHeaders, cancellationToken: cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // The blob does not exist.
        }
    }

    /// <summary>Reads a blob into memory.</summary>
    /// <param name="limit">The maximum number of bytes to read.</param>
    /// <returns>The blob; null when it does not exist or has expired.</returns>
    public async Task<StoredBlob?> ReadAsync(string name, int limit, CancellationToken cancellationToken)
    {
        var response = await DownloadAsync(Container.GetBlobClient(name), default, cancellationToken).ConfigureAwait(false);
        using var download = response?.Value;
        if (download is null || GetAge(download.Details.LastModified, response!.GetRawResponse()) is var age && IsExpired(age))
            return null;
        var content = new byte[Math.Min(limit, download.Details.ContentLength)];
        await ReadToEndAsync(download, content, cancellationToken).ConfigureAwait(false);
        return new StoredBlob(
            new BinaryData(content), download.Details.ContentLength, download.Details.LastModified, age, download.Details.ETag);
    }

    /// <summary>Whether the container is missing. The result is false when the identity may only read and write blobs.</summary>
    /// <exception cref="PredictionStorageException">The account cannot be used.</exception>
    public async Task<bool> IsMissingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var exists = await StorageCall
                .RunAsync(Account, Name, () => Container.ExistsAsync(cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            return !exists.Value;
        }
        catch (PredictionStorageException e) when (e.IsForbidden)
        {
            return false;
        }
    }

    /// <summary>Whether the blob exists and has not expired.</summary>
    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken).ConfigureAwait(false) is { IsExpired: false };

    /// <summary>Opens a part of a blob. This method does not check whether the blob has expired.</summary>
    /// <returns>The stream, which the caller disposes; null when the blob does not exist.</returns>
    public async Task<Stream?> OpenAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        var response =
            await DownloadAsync(Container.GetBlobClient(name), new HttpRange(offset, length), cancellationToken).ConfigureAwait(false);
        return response?.Value.Content;
    }

    /// <summary>
    /// Opens a blob in any container of the account, such as a blob that the app did not write. The caller must check that the blob may be
    /// read.
    /// </summary>
    /// <returns>The blob, which the caller disposes; null when it does not exist.</returns>
    public async Task<BlobDownloadStreamingResult?> OpenForeignAsync(
        string container, string name, CancellationToken cancellationToken)
    {
        var blob = _service.Value.GetBlobContainerClient(container).GetBlobClient(name);
        return (await DownloadAsync(blob, default, cancellationToken).ConfigureAwait(false))?.Value;
    }

    /// <summary>Reads from an opened blob until the memory is full.</summary>
    public Task ReadToEndAsync(BlobDownloadStreamingResult blob, Memory<byte> content, CancellationToken cancellationToken) =>
        StorageCall.RunAsync(
            Account, "reading", () => blob.Content.ReadExactlyAsync(content, cancellationToken).AsTask(), cancellationToken);

    /// <summary>Deletes a blob if it has not changed since it was read.</summary>
    /// <returns>False when the blob is missing or was replaced.</returns>
    public async Task<bool> TryDeleteAsync(string name, ETag etag, CancellationToken cancellationToken)
    {
        try
        {
            await StorageCall.RunAsync(
                Account,
                name,
                () => Container.GetBlobClient(name)
                    .DeleteAsync(conditions: new BlobRequestConditions { IfMatch = etag }, cancellationToken: cancellationToken),
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException)
        {
            return false;
        }
    }

    /// <summary>Deletes blobs of the app that are older than their time to live.</summary>
    /// <returns>The number of deleted blobs.</returns>
    public async Task<int> DeleteExpiredAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        await foreach (var (blob, isExpired) in ListAllAsync(prefix: null, cancellationToken).ConfigureAwait(false))
        {
            if (isExpired
                && BlobNames.IsCreatedByApp(blob.Name)
                && blob.Properties.ETag is { } etag
                && await TryDeleteAsync(blob.Name, etag, cancellationToken).ConfigureAwait(false))
            {
                deleted++;
            }
        }

        return deleted;
    }

    /// <summary>
    /// Lists the blobs of a folder that have not expired, with the times of their last changes. The list is read page by page.
    /// </summary>
    public async IAsyncEnumerable<(string Name, DateTimeOffset Modified)> ListAsync(
        string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (blob, isExpired) in ListAllAsync(folder, cancellationToken).ConfigureAwait(false))
        {
            if (!isExpired && blob.Properties.LastModified is { } modified)
                yield return (blob.Name, modified);
        }
    }

    private async IAsyncEnumerable<(BlobItem Blob, bool IsExpired)> ListAllAsync(
        string? prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var pages = Container
            .GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken).AsPages(pageSizeHint: PageSize)
            .GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(pages, cancellationToken).ConfigureAwait(false))
        {
            foreach (var blob in pages.Current.Values)
            {
                yield return (blob,
                    blob.Properties.LastModified is { } modified && IsExpired(GetAge(modified, pages.Current.GetRawResponse())));
            }
        }
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<Page<BlobItem>> pages, CancellationToken cancellationToken)
    {
        try
        {
            return await StorageCall
                .RunAsync(Account, "listing", () => pages.MoveNextAsync().AsTask(), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // The container does not exist, because no blob was ever written.
            return false;
        }
    }

    private async Task<Response<BlobDownloadStreamingResult>?> DownloadAsync(
        BlobClient blob, HttpRange range, CancellationToken cancellationToken)
    {
        try
        {
            return await StorageCall.RunAsync(
                Account,
                blob.Name,
                () => blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <returns>Whether the blob was written; false when the condition does not hold.</returns>
    private async Task<bool> TryWriteAsync(
        string name, ReadOnlyMemory<byte> content, BlobRequestConditions conditions, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions { Conditions = conditions, HttpHeaders = JsonHeaders };
        while (true)
        {
            try
            {
                await StorageCall.RunAsync(
                    Account,
                    name,
                    () => Container.GetBlobClient(name).UploadAsync(new BinaryData(content), options, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                // The container is created only after this error, so an existing container costs no call.
                await StorageCall.RunAsync(
                    Account,
                    _settings.Container,
                    () => Container.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                return false;
            }
        }
    }

    private async Task<FoundBlob?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var response = await StorageCall.RunAsync(
                Account,
                name,
                () => Container.GetBlobClient(name).GetPropertiesAsync(cancellationToken: cancellationToken),
                cancellationToken).ConfigureAwait(false);
            return new FoundBlob(response.Value.ETag, IsExpired(GetAge(response.Value.LastModified, response.GetRawResponse())));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private bool IsExpired(TimeSpan age) => _settings.TimeToLive is { } limit && limit <= age;

    /// <summary>Returns the age of a blob at the time of the response; zero when the response has no date.</summary>
    private static TimeSpan GetAge(DateTimeOffset modified, Response response) =>
        response.Headers.Date is { } now ? now - modified : TimeSpan.Zero;

    private sealed record FoundBlob(ETag ETag, bool IsExpired);
}
