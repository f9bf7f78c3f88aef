using Inference.Models;
using Inference.Repository;

namespace Inference.Azure.Models;

/// <summary>
/// Which blobs make which version: <c>&lt;model&gt;/&lt;version&gt;/model.onnx</c> with everything below that folder, or a bare
/// <c>&lt;model&gt;.onnx</c> with the external data beside it, whose names begin with the model file's.
/// </summary>
internal static class BlobLayout
{
    public const string BareExtension = ".onnx";

    public static List<BlobVersion> Group(IReadOnlyCollection<ListedBlob> blobs)
    {
        var versions = Folders(blobs);
        var taken = versions.Select(version => version.Id).ToHashSet();
        // As in a local folder: the folder of version 1 wins over a bare file.
        versions.AddRange(BareFiles(blobs).Where(version => !taken.Contains(version.Id)));
        return versions;
    }

    /// <summary>For each model with settings files, <c>&lt;model&gt;/model.json</c> and the like, a tag of what they are now.</summary>
    public static Dictionary<ModelName, string> SettingsTags(IEnumerable<ListedBlob> blobs)
    {
        var tags = new Dictionary<ModelName, string>();
        var isSettled = new HashSet<ModelName>();
        foreach (var blob in blobs.OrderBy(blob => blob.Path, StringComparer.Ordinal))
        {
            if (blob.Path.Split('/') is not [var folder, var file] || !SettingsFile.IsWatched(file) || !ModelName.TryParse(folder, out var name))
                continue;
            tags[name] = $"{tags.GetValueOrDefault(name)}{file}:{blob.ETag}|";
            if (SettingsFile.Names.Contains(file))
                isSettled.Add(name);
        }

        return tags.Where(tag => isSettled.Contains(tag.Key)).ToDictionary();
    }

    /// <summary>
    /// The models of which there is a settings file and no version: version 1 of what another server has, if the file says so.
    /// </summary>
    public static IEnumerable<BlobVersion> SettingsAlone(IReadOnlyCollection<ListedBlob> blobs, IEnumerable<BlobVersion> versions)
    {
        var known = versions.Select(version => version.Id.Name).ToHashSet();
        var files = new Dictionary<ModelId, List<ListedBlob>>();
        foreach (var blob in blobs)
        {
            if (blob.Path.Split('/') is [var folder, SettingsFile.RemoteModel or ModelVersion.LabelsFileName] && ModelName.TryParse(folder, out var name) && !known.Contains(name))
                Add(files, new ModelId(name, 1), blob);
        }

        return files
            .Select(model => new BlobVersion(model.Key, $"{model.Key.Name}/", model.Value))
            .Where(version => version.Blobs.Any(blob => version.RelativeName(blob) == SettingsFile.RemoteModel));
    }

    private static List<BlobVersion> Folders(IEnumerable<ListedBlob> blobs)
    {
        var folders = new Dictionary<ModelId, List<ListedBlob>>();
        foreach (var blob in blobs)
        {
            if (TryParseFolder(blob.Path, out var id))
                Add(folders, id, blob);
        }

        return [.. folders
            .Select(folder => new BlobVersion(folder.Key, FolderOf(folder.Key), folder.Value))
            .Where(version => version.Blobs.Any(blob => version.RelativeName(blob) == ModelVersion.ModelFileName))];
    }

    private static IEnumerable<BlobVersion> BareFiles(IReadOnlyCollection<ListedBlob> blobs)
    {
        var models = new Dictionary<string, ModelName>(StringComparer.Ordinal);
        foreach (var blob in blobs)
        {
            if (blob.Path.EndsWith(BareExtension, StringComparison.Ordinal)
                && ModelName.TryParse(blob.Path[..^BareExtension.Length], out var name))
            {
                models.Add(blob.Path, name);
            }
        }

        var files = new Dictionary<ModelId, List<ListedBlob>>();
        foreach (var blob in blobs)
        {
            if (ModelFileOf(blob.Path, models) is { } modelFile)
                Add(files, new ModelId(models[modelFile], 1), blob);
        }

        return files.Select(model => new BlobVersion(model.Key, "", model.Value));
    }

    /// <summary>The longest model file the name begins with: <c>a.onnx.onnx.data</c> belongs to <c>a.onnx.onnx</c>.</summary>
    private static string? ModelFileOf(string path, Dictionary<string, ModelName> models)
    {
        if (path.Contains('/', StringComparison.Ordinal))
            return null;
        if (models.ContainsKey(path))
            return path;
        for (var at = path.LastIndexOf(BareExtension, StringComparison.Ordinal);
            at > 0;
            at = path.LastIndexOf(BareExtension, at - 1, StringComparison.Ordinal))
        {
            var candidate = path[..(at + BareExtension.Length)];
            if (models.ContainsKey(candidate))
                return candidate;
        }

        return null;
    }

    private static bool TryParseFolder(string path, out ModelId id)
    {
        id = default;
        var first = path.IndexOf('/', StringComparison.Ordinal);
        if (first < 0 || !ModelName.TryParse(path[..first], out var name))
            return false;
        var second = path.IndexOf('/', first + 1);
        if (second < 0 || !ModelVersion.TryParseNumber(path.AsSpan(first + 1, second - first - 1), out var number))
            return false;
        id = new ModelId(name, number);
        return true;
    }

    private static string FolderOf(ModelId id) => $"{id.Name}/{id.Version}/";

    private static void Add(Dictionary<ModelId, List<ListedBlob>> groups, ModelId id, ListedBlob blob)
    {
        if (!groups.TryGetValue(id, out var group))
            groups[id] = group = [];
        group.Add(blob);
    }
}
