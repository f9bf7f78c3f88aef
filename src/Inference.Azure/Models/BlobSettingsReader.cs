using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Inference.Models;
using Inference.Repository;

namespace Inference.Azure.Models;

/// <summary>
/// Reads the settings files of the models in a container. Values that every listing needs, such as the name of the model file, are cached
/// until a settings file changes.
/// </summary>
/// <param name="prefix">The prefix of the names of all blobs: empty, or with a slash at its end.</param>
/// <param name="describeLocation">Returns the location of the models, for messages.</param>
internal sealed class BlobSettingsReader(BlobContainerClient container, string prefix, Func<string> describeLocation)
{
    /// <summary>
    /// For each model without versions, whether its settings name a server that runs the model. The ETag identifies the content that was
    /// read.
    /// </summary>
    private readonly ConcurrentDictionary<ModelName, (ETag ETag, bool IsRemote)> _remoteModels = new();

    /// <summary>
    /// The model file that the settings specify, for each model whose settings can choose the file. The tag identifies the settings that
    /// were read.
    /// </summary>
    private readonly ConcurrentDictionary<ModelName, (string Tag, string? File)> _modelFiles = new();

    /// <summary>Reads the settings files of a model.</summary>
    public async Task<List<SettingsFile>> ReadAsync(ModelName model, CancellationToken cancellationToken)
    {
        var files = await ReadFilesAsync(model, SettingsFile.Names, cancellationToken).ConfigureAwait(false);
        return [.. files.Select(file => new SettingsFile(file.Key, file.Value))];
    }

    /// <summary>Reads files of a model's folder, in the order of the names. Files that do not exist are skipped.</summary>
    public async Task<OrderedDictionary<string, ReadOnlyMemory<byte>>> ReadFilesAsync(
        ModelName model, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var files = new OrderedDictionary<string, ReadOnlyMemory<byte>>();
        foreach (var file in names)
        {
            if (await ReadAsync($"{model}/{file}", cancellationToken).ConfigureAwait(false) is { } content)
                files.Add(file, content);
        }

        return files;
    }

    /// <summary>
    /// Returns the model file that the settings specify, for each model whose settings can choose the file. Settings are read again only
    /// after a change.
    /// </summary>
    public async Task<Dictionary<ModelName, string?>> FindModelFilesAsync(
        List<ListedBlob> blobs, Dictionary<ModelName, string> failures, CancellationToken cancellationToken)
    {
        var files = new Dictionary<ModelName, string?>();
        var tags = BlobLayout.ComputeSettingsTags(blobs);
        foreach (var model in BlobLayout.FindModelsDependingOnSettings(blobs))
        {
            if (!tags.TryGetValue(model, out var tag))
                continue;
            try
            {
                if (!_modelFiles.TryGetValue(model, out var cached) || cached.Tag != tag)
                {
                    var settings = await ReadAsync(model, cancellationToken).ConfigureAwait(false);
                    _modelFiles[model] = cached = (tag, ModelConfigurationReader.ReadFileName(model, settings));
                }

                files[model] = cached.File;
            }
            catch (Exception e) when (e is RequestFailedException or InferenceException)
            {
                // A file that is archived or too large, for example, is listed but cannot be read.
                var failure = e as InferenceException ?? StoreFailure.FromException(e, describeLocation());
                failures[model] = $"Model {model} cannot be read: {failure.Message}";
            }
        }

        return files;
    }

    /// <summary>Whether the settings of a model specify a remote server. The settings file is read again only after a change.</summary>
    public async Task<bool> IsRemoteModelAsync(BlobVersion version, CancellationToken cancellationToken)
    {
        var file = version.Blobs.First(blob => version.GetRelativeName(blob) == SettingsFile.RemoteModelFileName);
        if (_remoteModels.TryGetValue(version.Id.Name, out var cached) && cached.ETag == file.ETag)
            return cached.IsRemote;
        var isRemote = file.Length <= SettingsFile.MaxSize
            && await ReadAsync(file.Path, cancellationToken).ConfigureAwait(false) is { } content
                && SettingsFile.HasRemoteKey(content.Span);
        _remoteModels[version.Id.Name] = (file.ETag, isRemote);
        return isRemote;
    }

    /// <summary>Reads a blob; returns null when the blob does not exist.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobDownloadOptions { Range = new HttpRange(0, SettingsFile.MaxSize + 1) };
            var content =
                (await container.GetBlobClient(prefix + path)
                    .DownloadContentAsync(options, cancellationToken).ConfigureAwait(false)).Value.Content;
            return content.ToMemory().Length <= SettingsFile.MaxSize
                ? content.ToMemory()
                : throw SettingsFile.CreateTooLargeError($"{path} in {describeLocation()}");
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
        catch (RequestFailedException e) when (StoreFailure.IsOffline(e))
        {
            throw StoreFailure.FromException(e, $"{path} in {describeLocation()}");
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidRange)
        {
            // The range is invalid because the blob is empty.
            return ReadOnlyMemory<byte>.Empty;
        }
    }
}
