using System.Globalization;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>
/// Models in a folder: <c>&lt;root&gt;/&lt;model&gt;/&lt;version&gt;/model.onnx</c>, or a bare <c>&lt;root&gt;/&lt;model&gt;.onnx</c>, which is
/// version 1; as is a <c>&lt;root&gt;/&lt;model&gt;/model.json</c> alone that names the server that has the model.
/// </summary>
/// <param name="trust">Every version is verified against it when it is fetched.</param>
public sealed class DirectoryModelStore(string root, TrustPolicy trust) : IModelStore, ISharedFiles
{
    private const string Extension = ".onnx";

    private readonly string _root = Path.GetFullPath(root);

    public Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Guard(() =>
        {
            var versions = new List<ModelVersion>();
            var settings = new Dictionary<ModelName, string>();
            foreach (var model in name is { } one ? [one] : Names())
            {
                AddVersions(model, versions);
                if (SettingsFiles(model) is { Count: > 0 } files)
                    settings.Add(model, Tag(files.Select(Followed)));
            }

            return new ModelListing(versions, settings);
        }));
    }

    public Task<ModelConfiguration> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Guard(() => ModelConfigurationReader.Read(name, [.. SettingsFiles(name).Select(Read)])));
    }

    public async Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        await ThrowIfChangedAsync(version, cancellationToken).ConfigureAwait(false);
        return await trust.VerifyAsync(version.Id, Find(version.Id), cancellationToken).ConfigureAwait(false);
    }

    public async Task ThrowIfChangedAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(version.Id.Name, cancellationToken).ConfigureAwait(false);
        if (!listed.Contains(version))
        {
            throw new InferenceException(InferenceError.ModelUnavailable, $"Model {version.Id} in {_root} is no longer what it was when it was listed.")
            {
                RetryAfter = TimeSpan.Zero,
            };
        }
    }

    public Task<bool> TryGetAsync(string name, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Guard(() =>
        {
            var shared = Path.Combine(_root, ISharedFiles.Folder, name);
            if (!File.Exists(shared))
                return false;
            File.Copy(shared, path);
            return true;
        }));
    }

    public Task PutAsync(string name, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Guard(() =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(_root, ISharedFiles.Folder)).FullName;
            // By one rename: whoever reads it meanwhile reads the old one or the new one.
            var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
            File.Copy(path, temporary);
            File.Move(temporary, Path.Combine(folder, name), overwrite: true);
            return true;
        }));
    }

    public override string ToString() => _root;

    private ModelFiles Find(ModelId id)
    {
        var folder = VersionFolder(id);
        var path = Path.Combine(folder, ModelVersion.ModelFileName);
        if (!File.Exists(path) && File.Exists(BareFile(id.Name)))
            return new ModelFiles(BareFile(id.Name), LabelsPath: null);
        var isRemote = !File.Exists(path);
        if (isRemote)
            (folder, path) = (Path.Combine(_root, id.Name.Value), RemoteFile(id.Name));
        var labels = Path.Combine(folder, ModelVersion.LabelsFileName);
        return new ModelFiles(path, File.Exists(labels) ? labels : null) { IsRemote = isRemote };
    }

    private HashSet<ModelName> Names()
    {
        var names = new HashSet<ModelName>();
        foreach (var entry in new DirectoryInfo(_root).EnumerateFileSystemInfos())
        {
            var text = entry is DirectoryInfo ? entry.Name
                : entry.Name.EndsWith(Extension, StringComparison.Ordinal) ? entry.Name[..^Extension.Length]
                : null;
            if (ModelName.TryParse(text, out var name))
                names.Add(name);
        }

        return names;
    }

    private void AddVersions(ModelName name, List<ModelVersion> versions)
    {
        var (before, hasFirst) = (versions.Count, false);
        var folder = new DirectoryInfo(Path.Combine(_root, name.Value));
        if (folder.Exists)
        {
            foreach (var child in folder.EnumerateDirectories())
            {
                if (ModelVersion.TryParseNumber(child.Name, out var number) && File.Exists(Path.Combine(child.FullName, ModelVersion.ModelFileName)))
                {
                    versions.Add(Describe(new ModelId(name, number), child.EnumerateFiles()));
                    hasFirst |= number == 1;
                }
            }
        }
        else if (!Directory.Exists(_root))
        {
            throw new DirectoryNotFoundException("It does not exist.");
        }

        var bare = new FileInfo(BareFile(name));
        if (!hasFirst && bare.Exists)
            versions.Add(Describe(new ModelId(name, 1), [bare]));
        if (versions.Count == before && NamesServer(new FileInfo(RemoteFile(name))))
            versions.Add(Describe(new ModelId(name, 1), RemoteFiles(folder)));
    }

    private static bool NamesServer(FileInfo settings) =>
        settings.Exists && Followed(settings).Info.Length <= SettingsFile.MaxSize && SettingsFile.NamesServer(File.ReadAllBytes(settings.FullName));

    private static IEnumerable<FileInfo> RemoteFiles(DirectoryInfo folder) =>
        folder.EnumerateFiles().Where(file => file.Name is SettingsFile.RemoteModel or ModelVersion.LabelsFileName);

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable, $"The model folder {_root} cannot be used: {e.Message} Check Models__Source.", e);
        }
    }

    private List<FileInfo> SettingsFiles(ModelName name) =>
        [.. SettingsFile.Names.Select(file => new FileInfo(Path.Combine(_root, name.Value, file))).Where(file => file.Exists)];

    private static SettingsFile Read(FileInfo file) => Followed(file).Info.Length <= SettingsFile.MaxSize
        ? new SettingsFile(file.Name, File.ReadAllBytes(file.FullName))
        : throw new InferenceException(InferenceError.ModelUnavailable, $"{file.FullName} is larger than {SettingsFile.MaxSize} bytes, which no settings are.")
        {
            IsCausedByFiles = true,
        };

    private static ModelVersion Describe(ModelId id, IEnumerable<FileInfo> files)
    {
        var known = files.Select(Followed).Where(file => file.Info.Exists).ToList();
        return new ModelVersion(id, Tag(known), known.Sum(file => file.Info.Length));
    }

    /// <summary>A mounted volume changes what its links lead to, never the links.</summary>
    private static (string Name, FileInfo Info) Followed(FileInfo file)
    {
        // What was enumerated may be gone by now: replaced by a rename, most likely.
        file.Refresh();
        try
        {
            return (file.Name, file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file);
        }
        catch (IOException)
        {
            // In a circle: the load says so, and other models are listed all the same.
            return (file.Name, file);
        }
    }

    private static string Tag(IEnumerable<(string Name, FileInfo Info)> files) => string.Join('|', files
        .OrderBy(file => file.Name, StringComparer.Ordinal)
        .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{file.Info.Length}:{file.Info.LastWriteTimeUtc.Ticks}")));

    private string VersionFolder(ModelId id) =>
        Path.Combine(_root, id.Name.Value, id.Version.ToString(CultureInfo.InvariantCulture));

    private string RemoteFile(ModelName name) => Path.Combine(_root, name.Value, SettingsFile.RemoteModel);

    private string BareFile(ModelName name) => Path.Combine(_root, name.Value + Extension);
}
