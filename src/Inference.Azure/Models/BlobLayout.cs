using Inference.Models;
using Inference.Repository;
using Inference.Repository.Layout;

namespace Inference.Azure.Models;

/// <summary>
/// Assigns blobs to versions. A version is a folder <c>&lt;model&gt;/&lt;version&gt;/</c> with a model file, a folder <c>&lt;model&gt;/</c>
/// with a model file and no version folders, or a bare <c>&lt;model&gt;.onnx</c>. The external data of a bare file are in the same folder,
/// with names that begin with the name of the file.
/// </summary>
internal static class BlobLayout
{
    public const string BareExtension = OnnxFileName.Extension;

    /// <summary>
    /// Returns the models whose settings can choose the model file. Such a model has a version with a model file other than
    /// <c>model.onnx</c>.
    /// </summary>
    public static IEnumerable<ModelName> FindModelsDependingOnSettings(IEnumerable<ListedBlob> blobs) =>
        GroupPathsByModel(blobs).Where(model => ModelLayout.DependsOnSettings(model.Value)).Select(model => model.Key);

    /// <summary>Groups the blobs into versions.</summary>
    /// <param name="blobs">All blobs of the models.</param>
    /// <param name="chosenFiles">For each model, the model file that the settings specify; null when the settings specify none.</param>
    /// <param name="problems">Receives blobs that look like a version but cannot be served.</param>
    public static List<BlobVersion> GroupIntoVersions(
        IReadOnlyCollection<ListedBlob> blobs, IReadOnlyDictionary<ModelName, string?> chosenFiles, List<ListedProblem> problems)
    {
        var bareVersions = FindBareVersions(blobs).ToDictionary(version => version.Id.Name);
        var versions = FindFolderVersions(blobs, chosenFiles, bareVersions, problems);
        versions.AddRange(bareVersions.Values);
        return versions;
    }

    /// <summary>Adds a problem for blobs that look like a model, but are neither a version nor part of another problem.</summary>
    public static void AddMisplacedProblems(
        IReadOnlyCollection<ListedBlob> blobs, IEnumerable<BlobVersion> versions, List<ListedProblem> problems)
    {
        var reportedVersions = versions.Select(version => (Name: version.Id.Name.Value, Number: version.Id.Version))
            .Concat(problems.Select(problem => (problem.Name, Number: problem.Version ?? 0)))
            .ToLookup(version => version.Name, version => version.Number, StringComparer.Ordinal);
        foreach (var (name, paths) in GroupPathsByModel(blobs))
            problems.AddRange(ModelLayout.FindMisplaced(name.Value, paths, [.. reportedVersions[name.Value]]));

        problems.AddRange(ModelLayout.FindRootProblems(blobs.Select(blob => blob.Path)));
    }

    /// <summary>
    /// Returns a tag for each model with settings files, such as <c>&lt;model&gt;/model.json</c>. The tag identifies the current content of
    /// these files.
    /// </summary>
    public static Dictionary<ModelName, string> ComputeSettingsTags(IEnumerable<ListedBlob> blobs)
    {
        var tags = new Dictionary<ModelName, string>();
        var hasSettings = new HashSet<ModelName>();
        foreach (var blob in blobs.OrderBy(blob => blob.Path, StringComparer.Ordinal))
        {
            if (blob.Path.Split('/') is not [var folder, var file] || !SettingsFile.IsWatched(file)
                || !ModelName.TryParse(folder, out var name))
            {
                continue;
            }

            tags[name] = $"{tags.GetValueOrDefault(name)}{file}:{blob.ETag}|";
            if (SettingsFile.Names.Contains(file))
                hasSettings.Add(name);
        }

        return tags.Where(tag => hasSettings.Contains(tag.Key)).ToDictionary();
    }

    /// <summary>
    /// Returns version 1 for each model with a settings file but no version. The caller checks whether the settings file describes a remote
    /// model, which another server runs.
    /// </summary>
    public static IEnumerable<BlobVersion> FindModelsWithoutVersion(
        IReadOnlyCollection<ListedBlob> blobs, IEnumerable<BlobVersion> versions)
    {
        var modelsWithVersions = versions.Select(version => version.Id.Name).ToHashSet();
        var files = new Dictionary<ModelId, List<ListedBlob>>();
        foreach (var blob in blobs)
        {
            if (blob.Path.Split('/') is [var folder, SettingsFile.RemoteModelFileName or ModelVersion.LabelsFileName]
                && ModelName.TryParse(folder, out var name) && !modelsWithVersions.Contains(name))
            {
                Add(files, new ModelId(name, 1), blob);
            }
        }

        return files
            .Select(model => new BlobVersion(model.Key, $"{model.Key.Name}/", model.Value))
            .Where(version => version.Blobs.Any(blob => version.GetRelativeName(blob) == SettingsFile.RemoteModelFileName));
    }

    /// <param name="bareVersions">
    /// The bare-file versions, by model. A bare file with the version number of a folder is removed, because neither is served.
    /// </param>
    private static List<BlobVersion> FindFolderVersions(
        IReadOnlyCollection<ListedBlob> blobs,
        IReadOnlyDictionary<ModelName, string?> chosenFiles,
        Dictionary<ModelName, BlobVersion> bareVersions,
        List<ListedProblem> problems)
    {
        var versions = new List<BlobVersion>();
        var byFolder = blobs.Where(blob => blob.Path.Count(letter => letter == '/') > 1).ToLookup(GetVersionFolder, StringComparer.Ordinal);
        foreach (var (name, paths) in GroupPathsByModel(blobs))
        {
            var folders = ModelLayout.Read(name.Value, paths, chosenFiles.GetValueOrDefault(name));
            var layout = bareVersions.ContainsKey(name) ? folders.WithBareFile(name.Value) : folders;
            if (layout != folders)
                bareVersions.Remove(name);
            problems.AddRange(layout.Problems);
            foreach (var version in layout.Versions)
            {
                var root = version.IsRoot ? $"{name}/" : $"{name}/{version.Folder}/";
                versions.Add(new BlobVersion(
                    new ModelId(name, version.Number), root,
                    version.IsRoot ? SelectBlobs(blobs, root, RootVersion.ChooseFiles(paths, version.File)) : [.. byFolder[root]]));
            }
        }

        return versions;
    }

    private static List<ListedBlob> SelectBlobs(IEnumerable<ListedBlob> blobs, string root, IEnumerable<string> files)
    {
        var paths = files.Select(file => root + file).ToHashSet(StringComparer.Ordinal);
        return [.. blobs.Where(blob => paths.Contains(blob.Path))];
    }

    /// <summary>Returns the paths below each folder whose name is a model name.</summary>
    private static Dictionary<ModelName, List<string>> GroupPathsByModel(IEnumerable<ListedBlob> blobs)
    {
        var models = new Dictionary<ModelName, List<string>>();
        foreach (var path in blobs.Select(blob => blob.Path))
        {
            if (path.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash) || !ModelName.TryParse(path[..slash], out var name))
                continue;
            if (!models.TryGetValue(name, out var paths))
                models[name] = paths = [];
            paths.Add(path[(slash + 1)..]);
        }

        return models;
    }

    private static IEnumerable<BlobVersion> FindBareVersions(IReadOnlyCollection<ListedBlob> blobs)
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
            if (FindModelFile(blob.Path, models) is { } modelFile)
                Add(files, new ModelId(models[modelFile], 1), blob);
        }

        return files.Select(model => new BlobVersion(model.Key, "", model.Value));
    }

    /// <summary>
    /// Returns the bare model file whose name is the longest prefix of the path: <c>a.onnx.onnx.data</c> belongs to <c>a.onnx.onnx</c>.
    /// </summary>
    private static string? FindModelFile(string path, Dictionary<string, ModelName> models)
    {
        if (path.Contains('/', StringComparison.Ordinal))
            return null;
        if (models.ContainsKey(path))
            return path;
        for (var position = path.LastIndexOf(BareExtension, StringComparison.Ordinal);
            position > 0;
            position = path.LastIndexOf(BareExtension, position - 1, StringComparison.Ordinal))
        {
            var candidate = path[..(position + BareExtension.Length)];
            if (models.ContainsKey(candidate))
                return candidate;
        }

        return null;
    }

    /// <summary>Returns the first two folders of a path.</summary>
    private static string GetVersionFolder(ListedBlob blob) =>
        blob.Path[..(blob.Path.IndexOf('/', blob.Path.IndexOf('/', StringComparison.Ordinal) + 1) + 1)];

    private static void Add(Dictionary<ModelId, List<ListedBlob>> groups, ModelId id, ListedBlob blob)
    {
        if (!groups.TryGetValue(id, out var group))
            groups[id] = group = [];
        group.Add(blob);
    }
}
