using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;
using Inference.Repository.Layout;
using Inference.Repository.Trust;
using StorageAccounts;

namespace Inference.Azure.Models;

/// <summary>
/// Serves models from a blob container through a local cache. The container has the same layout as a model folder (see
/// <see cref="BlobLayout"/>). The options of the given client determine the retries.
/// </summary>
public sealed class BlobModelStore : IModelStore, ISharedFiles
{
    /// <summary>The setting that names a container by its address.</summary>
    public const string SourceSetting = "Models__Source";

    /// <summary>The number of bytes that one read of an opened blob requests.</summary>
    private const int ReadSize = 4096;

    private readonly BlobContainerClient _container;
    private readonly string _prefix;
    private readonly string _displayName;
    private readonly BlobDownload _download;
    private readonly ModelCache _cache;
    private readonly TrustPolicy _trust;
    private readonly BlobSettingsReader _settings;

    /// <summary>Versions whose verification failed after their download. Another download of such a version would not help.</summary>
    private readonly ConcurrentDictionary<ModelId, ModelVersion> _refusedVersions = new();

    /// <param name="prefix">The prefix of the names of all blobs: empty, or with a slash at its end.</param>
    /// <param name="cacheDirectory">
    /// The folder of the cache, which is created if it is missing. Only the user of this process may have write access to the folder.
    /// </param>
    /// <param name="trust">The policy for the verification of each version that is fetched.</param>
    public BlobModelStore(BlobContainerClient container, string prefix, string cacheDirectory, TrustPolicy trust, TimeProvider time)
    {
        (_trust, _container, _prefix) = (trust, container, prefix);
        // The query is omitted because it contains the SAS. A SAS must not appear in messages, and a new SAS does not mean another store.
        _displayName = $"{container.Uri.GetLeftPart(UriPartial.Path)}/{prefix}".TrimEnd('/');
        _download = new BlobDownload(container, prefix);
        _settings = new BlobSettingsReader(container, prefix, () => Location);
        _cache = new ModelCache(cacheDirectory, _displayName, time);
    }

    /// <summary>The setting that names the account, for messages; default: <see cref="SourceSetting"/>.</summary>
    public string Setting { get; init; } = SourceSetting;

    /// <summary>The container with its account and setting, for errors.</summary>
    private string Location => $"{_displayName} (account \"{_container.AccountName}\" in {Setting})";

    public Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken) =>
        GuardAsync(
            async () =>
            {
                var blobs = await ListBlobsAsync(name, cancellationToken).ConfigureAwait(false);
                var failures = new Dictionary<ModelName, string>();
                var problems = new List<ListedProblem>();
                var versions = await FindVersionsAsync(blobs, name, failures, problems, cancellationToken).ConfigureAwait(false);
                return new ModelListing([.. versions.Select(version => version.ToModelVersion())], BlobLayout.ComputeSettingsTags(blobs))
                {
                    Failures = failures,
                    Problems = name is { } singleModel ? problems.FindAll(problem => problem.Name == singleModel.Value) : problems,
                };
            },
            cancellationToken);

    public Task<ModelConfiguration> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken) =>
        GuardAsync(
            async () =>
            {
                var configuration =
                    ModelConfigurationReader.Read(name, await _settings.ReadAsync(name, cancellationToken).ConfigureAwait(false), _trust);
                var labels = await _settings
                    .ReadFilesAsync(name, ModelConfigurationReader.GetLabelFileNames(configuration, _trust), cancellationToken)
                    .ConfigureAwait(false);
                return labels.Count == 0 ? configuration : configuration with { LabelFiles = labels };
            },
            cancellationToken);

    public Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken) =>
        GuardAsync(
            async () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                _cache.EnsurePrivate();
                if (_cache.Find(version) is { } names)
                {
                    var cached = await GetModelFilesAsync(version, names, cancellationToken).ConfigureAwait(false);
                    try
                    {
                        return await _trust.VerifyAsync(version.Id, cached, cancellationToken).ConfigureAwait(false);
                    }
                    catch (InferenceException e) when (e.IsTrustFailure && _refusedVersions.GetValueOrDefault(version.Id) != version)
                    {
                        // A disk or a program may have damaged the local copy. The version is therefore downloaded once more.
                        _cache.Remove(version);
                    }
                }

                var downloaded = await DownloadAsync(version, cancellationToken).ConfigureAwait(false);
                var files = await GetModelFilesAsync(version, downloaded, cancellationToken).ConfigureAwait(false);
                _refusedVersions[version.Id] = version;
                var verified = await _trust.VerifyAsync(version.Id, files, cancellationToken).ConfigureAwait(false);
                _refusedVersions.TryRemove(version.Id, out _);
                return verified;
            },
            cancellationToken);

    /// <summary>Opens the model file. The stream reads <see cref="ReadSize"/> bytes at a time, and fails if the blob changes.</summary>
    public Task<Stream?> OpenAsync(ModelVersion version, CancellationToken cancellationToken) =>
        GuardAsync<Stream?>(
            async () =>
            {
                var current = await FindBlobsAsync(version, cancellationToken).ConfigureAwait(false);
                var files = current.Blobs.ToDictionary(current.GetRelativeName);
                var chosenFile = await ReadFileNameAsync(version.Id.Name, files.Keys, cancellationToken).ConfigureAwait(false);
                if (ModelFileName.Choose(files.Keys, chosenFile, $"{version.Id}", out _) is not { } file)
                    return null;
                var options = new BlobOpenReadOptions(allowModifications: false) { BufferSize = ReadSize };
                options.Conditions = new() { IfMatch = files[file].ETag };
                var blob = _container.GetBlobClient(_prefix + files[file].Path);
                return await blob.OpenReadAsync(options, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>Throws if the cached files were removed. Changes are not checked, because no other user can write to the cache.</summary>
    public Task ThrowIfChangedAsync(ModelVersion version, CancellationToken cancellationToken) =>
        GuardAsync(
            () => _cache.Find(version) is { } files
                ? Task.FromResult(files)
                : throw StoreFailure.CreateChangedError($"Model {version.Id}"), cancellationToken);

    public Task<bool> TryGetAsync(string name, string path, CancellationToken cancellationToken) =>
        GuardAsync(
            async () =>
            {
                try
                {
                    await GetSharedBlob(name).DownloadToAsync(path, cancellationToken).ConfigureAwait(false);
                    return true;
                }
                catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
                {
                    return false;
                }
            },
            cancellationToken);

    public Task PutAsync(string name, string path, CancellationToken cancellationToken) =>
        GuardAsync(() => GetSharedBlob(name).UploadAsync(path, overwrite: true, cancellationToken), cancellationToken);

    public override string ToString() => _displayName;

    private BlobClient GetSharedBlob(string name) => _container.GetBlobClient($"{_prefix}{ISharedFiles.Folder}/{name}");

    /// <summary>Returns the paths of the downloaded files. Only trusted settings may choose the model file.</summary>
    private async Task<ModelFiles> GetModelFilesAsync(
        ModelVersion version, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var chosenFile = await ReadFileNameAsync(version.Id.Name, names, cancellationToken).ConfigureAwait(false);
        return _cache.GetModelFiles(version, names, chosenFile);
    }

    private async Task<string?> ReadFileNameAsync(ModelName name, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        try
        {
            return ModelFileName.DependsOnSettings(names)
                ? (await ReadSettingsAsync(name, cancellationToken).ConfigureAwait(false)).Settings.File
                : null;
        }
        catch (InferenceException e) when (e.LastsUntilFilesChange)
        {
            // The load reports the problems of the settings.
            return null;
        }
    }

    /// <exception cref="InferenceException">The blobs have changed since the version was listed.</exception>
    private async Task<BlobVersion> FindBlobsAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var blobs = await ListBlobsAsync(version.Id.Name, cancellationToken).ConfigureAwait(false);
        var versions = await FindVersionsAsync(blobs, version.Id.Name, failures: [], problems: [], cancellationToken).ConfigureAwait(false);
        return versions.Find(candidate => candidate.Id == version.Id && candidate.ToModelVersion().Tag == version.Tag)
            ?? throw StoreFailure.CreateChangedError($"Model {version.Id}");
    }

    private async Task<IReadOnlyCollection<string>> DownloadAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var current = await FindBlobsAsync(version, cancellationToken).ConfigureAwait(false);
        var temporaryFolder = _cache.CreateTemporaryFolder();
        try
        {
            await _download.RunAsync(current, temporaryFolder, cancellationToken).ConfigureAwait(false);
            return _cache.Publish(temporaryFolder, version);
        }
        finally
        {
            ModelCache.Delete(temporaryFolder);
        }
    }

    /// <param name="failures">Receives the models of which a blob cannot be read, although the container can be listed.</param>
    /// <param name="problems">Receives blobs that look like a model or version but cannot be served.</param>
    private async Task<List<BlobVersion>> FindVersionsAsync(
        List<ListedBlob> blobs, ModelName? name, Dictionary<ModelName, string> failures, List<ListedProblem> problems,
        CancellationToken cancellationToken)
    {
        var versions = BlobLayout.GroupIntoVersions(
            blobs, await _settings.FindModelFilesAsync(blobs, failures, cancellationToken).ConfigureAwait(false), problems);
        foreach (var candidate in BlobLayout.FindModelsWithoutVersion(blobs, [.. versions]))
        {
            try
            {
                if (await _settings.IsRemoteModelAsync(candidate, cancellationToken).ConfigureAwait(false))
                    versions.Add(candidate);
            }
            catch (Exception e) when (e is RequestFailedException or InferenceException)
            {
                // An archived blob, for example, is listed but cannot be read.
                var failure = e as InferenceException ?? StoreFailure.FromException(e, Location);
                failures[candidate.Id.Name] = $"Model {candidate.Id.Name} cannot be read: {failure.Message}";
            }
        }

        BlobLayout.AddMisplacedProblems(blobs, versions, problems);
        problems.RemoveAll(problem => failures.Keys.Any(failed => failed.Value == problem.Name));
        return name is null ? versions : versions.FindAll(version => version.Id.Name == name);
    }

    private async Task<List<ListedBlob>> ListBlobsAsync(ModelName? name, CancellationToken cancellationToken)
    {
        var blobs = new List<ListedBlob>();
        if (name is not { } singleModel)
        {
            await AddBlobsAsync(blobs, "", delimiter: null, cancellationToken).ConfigureAwait(false);
            return blobs;
        }

        // Two small listings are made, because the prefix "foo" would also list all blobs of "foobar". The delimiter keeps the second
        // listing from including all blobs of a model with the name "foo.onnx".
        await AddBlobsAsync(blobs, $"{singleModel}/", delimiter: null, cancellationToken).ConfigureAwait(false);
        await AddBlobsAsync(blobs, singleModel + BlobLayout.BareExtension, delimiter: "/", cancellationToken).ConfigureAwait(false);
        return blobs;
    }

    private async Task AddBlobsAsync(List<ListedBlob> blobs, string start, string? delimiter, CancellationToken cancellationToken)
    {
        var options = new GetBlobsByHierarchyOptions { Prefix = _prefix + start, Delimiter = delimiter, Traits = BlobTraits.Metadata };
        await foreach (var item in _container.GetBlobsByHierarchyAsync(options, cancellationToken).ConfigureAwait(false))
        {
            if (item.IsBlob && !IsFolder(item.Blob))
                blobs.Add(ToListedBlob(item.Blob));
        }
    }

    /// <summary>Whether a blob is a folder. Some tools, and accounts with a hierarchical namespace, list folders as empty blobs.</summary>
    private static bool IsFolder(BlobItem blob) =>
        blob.Properties.ContentLength is null or 0
        && (blob.Name.EndsWith('/') || blob.Metadata.ContainsKey("hdi_isfolder"));

    private ListedBlob ToListedBlob(BlobItem blob) => new(
        blob.Name[_prefix.Length..],
        blob.Properties.ETag ?? throw new FormatException($"the listing has no ETag for blob {blob.Name}"),
        blob.Properties.ContentLength ?? 0,
        blob.Properties.ContentHash is { Length: > 0 } md5 ? md5 : null)
    {
        Modified = blob.Properties.LastModified,
    };

    /// <summary>
    /// Converts every failure of the store, the network or the disk to an <see cref="InferenceException"/> that contains the reason.
    /// </summary>
    private async Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            // The client reports some cancelled transfers as failures.
            throw new OperationCanceledException("The caller cancelled.", e, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not InferenceException)
        {
            throw e is IOException or UnauthorizedAccessException
                ? StoreFailure.CreateUnavailableError(
                    $"A model of {_displayName} cannot be written to the cache: {StorageProblem.Describe(e)}.", e)
                : StoreFailure.FromException(e, Location);
        }
    }
}
