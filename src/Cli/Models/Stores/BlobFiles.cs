using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Xml;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Cli.Output;
using Microsoft.Win32.SafeHandles;

namespace Cli.Models.Stores;

/// <summary>
/// The files of models in a blob container. A file is sent in blocks, and the name of a block is a hash of its position and content. The
/// service keeps the blocks of an interrupted upload for a week, so the next push does not send them again. If the file has changed since,
/// the changed blocks have other names, and their old blocks are not used.
/// </summary>
internal sealed class BlobFiles(BlobContainerClient container, string prefix) : IModelFiles
{
    /// <summary>The size of a block in bytes. The service allows 50,000 blocks in a blob, so a file can have up to 195 GiB.</summary>
    private const int BlockSize = 4 << 20;
    private const int MaxConcurrentBlocks = 4;
    private const string DigestKey = "sha256";

    /// <summary>The maximum number of files, so that an endless listing does not fill the memory.</summary>
    private const int MaxFiles = 100_000;

    /// <summary>
    /// The maximum number of pages without files in a listing. The service can send a few empty pages. More of them are an error, because
    /// the listing could be endless.
    /// </summary>
    private const int MaxEmptyPages = 1000;

    public Task CreateAsync(CancellationToken cancellationToken) =>
        container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);

    public async Task<IReadOnlyList<StoredFile>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var options = new GetBlobsOptions { Prefix = prefix + folder, Traits = BlobTraits.Metadata };
        return await CallAsync(async () =>
        {
            var files = new List<StoredFile>();
            var emptyPages = 0;
            await foreach (var page in container.GetBlobsAsync(options, cancellationToken).AsPages())
            {
                if (page.Values.Count == 0 && ++emptyPages > MaxEmptyPages)
                    throw new CliException($"{this} lists files without end, so it is not a store of models. Check --store.");
                files.AddRange(page.Values.Where(blob => !IsFolder(blob)).Select(blob => ToStoredFile(blob, folder)));
                if (files.Count > MaxFiles)
                {
                    throw new CliException(
                        $"{this} lists more than {MaxFiles} files. Check --store, or keep models in a container of their own.");
                }
            }

            return files;
        });
    }

    public async Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(async () =>
                (await GetBlob(path).DownloadStreamingAsync(cancellationToken: cancellationToken)).Value.Content);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new CliException($"There is no \"{path}\" in {this}.", cause: e);
        }
    }

    public async Task WriteAsync(
        string path, FileInfo source, string sha256, ProgressLine progress, Func<Task>? beforeVisible, CancellationToken cancellationToken)
    {
        var blob = GetBlob(path);
        if (await ExistsAsync(blob, source.Length, sha256, cancellationToken))
        {
            progress.Skip(source.Length);
            await (beforeVisible?.Invoke() ?? Task.CompletedTask);
            return;
        }

        var stagedBlocks = await ListStagedBlocksAsync(blob, cancellationToken);
        using var file = File.OpenHandle(source.FullName, options: FileOptions.Asynchronous);
        var blocks = new string[(source.Length + BlockSize - 1) / BlockSize];
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentBlocks, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, blocks.Length, options, async (index, token) =>
        {
            var content = await ReadBlockAsync(source, file, index, token);
            blocks[index] = GetBlockId(index, content);
            if (stagedBlocks.Contains(blocks[index]))
            {
                progress.Skip(content.Length);
                return;
            }

            using var stream = new MemoryStream(content, writable: false);
            await blob.StageBlockAsync(blocks[index], stream, cancellationToken: token);
            progress.Add(content.Length);
        });
        // Blocks are read in any order, but a hash needs all bytes in order. So the file is read again to see whether it changed.
        if (await FileHash.ComputeAsync(source, cancellationToken) != sha256)
            throw IModelFiles.CreateChangedError(source);
        await (beforeVisible?.Invoke() ?? Task.CompletedTask);
        await blob.CommitBlockListAsync(
            blocks, new CommitBlockListOptions { Metadata = new Dictionary<string, string> { [DigestKey] = sha256 } }, cancellationToken);
    }

    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        GetBlob(path).DeleteIfExistsAsync(cancellationToken: cancellationToken);

    public override string ToString() => $"{container.Uri.GetLeftPart(UriPartial.Path)}/{prefix}".TrimEnd('/');

    /// <summary>
    /// Whether a blob represents a folder. Some tools, and accounts with a hierarchical namespace, create an empty blob for each folder.
    /// </summary>
    private static bool IsFolder(BlobItem blob) =>
        blob.Properties.ContentLength is null or 0 && (blob.Name.EndsWith('/') || blob.Metadata.ContainsKey("hdi_isfolder"));

    private StoredFile ToStoredFile(BlobItem blob, string folder)
    {
        if (!blob.Name.StartsWith(prefix + folder, StringComparison.Ordinal))
        {
            throw new CliException(
                $"{this} lists \"{Printable.EscapeLine(blob.Name)}\" among the files of \"{folder}\". "
                + "This is not a store of models: check --store.");
        }

        if (blob.Properties.ContentLength is not { } size || size < 0)
        {
            throw new CliException(
                $"{this} lists \"{Printable.EscapeLine(blob.Name)}\" without a valid size. This is not a store of models: check --store.");
        }

        return new StoredFile(blob.Name[prefix.Length..], size);
    }

    /// <summary>
    /// Calls the service, and throws a <see cref="CliException"/> for a response that is not from blob storage. Azure's client can throw
    /// any of the caught exceptions for such a response.
    /// </summary>
    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e)
            when (e is XmlException or NullReferenceException or ArgumentException or FormatException or IndexOutOfRangeException
            or InvalidOperationException or KeyNotFoundException)
        {
            throw new CliException(
                $"{this} does not respond like blob storage ({StoreOptions.DescribeFailure(e)}). Check --store.", cause: e);
        }
    }

    private static async Task<byte[]> ReadBlockAsync(FileInfo source, SafeFileHandle file, int index, CancellationToken cancellationToken)
    {
        var start = (long)index * BlockSize;
        var content = new byte[Math.Min(BlockSize, source.Length - start)];
        for (int read, position = 0; position < content.Length; position += read)
        {
            read = await RandomAccess.ReadAsync(file, content.AsMemory(position), start + position, cancellationToken);
            if (read == 0)
                throw IModelFiles.CreateChangedError(source);
        }

        return content;
    }

    private static string GetBlockId(int index, byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, index);
        hash.AppendData(number);
        hash.AppendData(content);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    private static async Task<bool> ExistsAsync(BlockBlobClient blob, long size, string sha256, CancellationToken cancellationToken)
    {
        try
        {
            var properties = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            return properties.ContentLength == size && properties.Metadata.TryGetValue(DigestKey, out var digest) && digest == sha256;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return false;
        }
    }

    private static async Task<HashSet<string>> ListStagedBlocksAsync(BlockBlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            var list = await blob.GetBlockListAsync(BlockListTypes.Uncommitted, cancellationToken: cancellationToken);
            return [.. list.Value.UncommittedBlocks.Select(block => block.Name)];
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return [];
        }
    }

    private BlockBlobClient GetBlob(string path) => container.GetBlockBlobClient(prefix + path);
}
