using System.Globalization;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Copies;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>
/// Models in a folder: <c>&lt;root&gt;/&lt;model&gt;/&lt;version&gt;/model.onnx</c>, or a bare <c>&lt;root&gt;/&lt;model&gt;.onnx</c>, which is
/// version 1; as is a <c>&lt;root&gt;/&lt;model&gt;/model.json</c> alone that names the server that has the model.
/// </summary>
/// <param name="trust">Every version is verified against it when it is fetched.</param>
/// <param name="cacheDirectory">
/// Holds copies of models with external data, which ONNX Runtime maps into memory, and of models that are verified. Created when it is
/// missing. Only this user may be able to write to it.
/// </param>
public sealed class DirectoryModelStore(string root, TrustPolicy trust, string cacheDirectory) : IModelStore, ISharedFiles
{
    private const string Extension = ".onnx";

    private readonly string _root = Path.GetFullPath(root);
    private readonly VersionCopies _copies = new(cacheDirectory);

    public Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Guard(() =>
        {
            if (!Directory.Exists(_root))
                throw new DirectoryNotFoundException("It does not exist.");
            var (versions, settings, failures) = (new List<ModelVersion>(), new Dictionary<ModelName, string>(), new Dictionary<ModelName, string>());
            foreach (var model in name is { } one ? [one] : Names())
            {
                try
                {
                    versions.AddRange(Versions(model));
                    if (SettingsFiles(model).Count > 0)
                        settings.Add(model, VersionFiles.Tag(WatchedFiles(model)));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    versions.RemoveAll(version => version.Id.Name == model);
                    failures.Add(model, $"Model {model} cannot be read: {e.Message}");
                }
            }

            return new ModelListing(versions, settings) { Failures = failures };
        }));
    }

    public Task<ModelConfiguration> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Guard(() =>
        {
            var configuration = ModelConfigurationReader.Read(name, [.. SettingsFiles(name).Select(Read)], trust);
            var labels = ModelConfigurationReader.LabelFiles(configuration, trust)
                .Select(file => ThrowIfEscaping(new FileInfo(Path.Combine(_root, name.Value, file))))
                .Where(file => RegularFile.IsAt(file.FullName));
            return configuration with { LabelFiles = labels.Select(Read).ToDictionary(file => file.Name, file => file.Content) };
        }));
    }

    /// <summary>
    /// ONNX Runtime maps external data into memory, where a change of the file changes answers and a truncation ends the process. A version
    /// with external data is therefore copied, and the copy is what is verified and loaded; so is a version that must prove what it is.
    /// </summary>
    public async Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        await ThrowIfChangedAsync(version, cancellationToken).ConfigureAwait(false);
        var files = Find(version.Id);
        TrustPolicy.ThrowIfEscaping(version.Id, files.ModelPath);
        trust.ThrowIfUnproven(version.Id, files);
        var isCopied = trust.IsStrict
            || (!files.IsRemote && await Task.Run(() => Guard(() => ExternalData.IsUsedBy(files.ModelPath, cancellationToken)), cancellationToken).ConfigureAwait(false));
        if (!isCopied)
            return await trust.VerifyAsync(version.Id, files, cancellationToken).ConfigureAwait(false);
        var copy = await CopyAsync(version, files, cancellationToken).ConfigureAwait(false);
        try
        {
            await ThrowIfChangedAsync(version, cancellationToken).ConfigureAwait(false);
            return await trust.VerifyAsync(version.Id, files, copy).ConfigureAwait(false);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    public async Task ThrowIfChangedAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(version.Id.Name, cancellationToken).ConfigureAwait(false);
        listed.ThrowIfFailed(version.Id.Name);
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
            var shared = Path.Combine(SharedFolder(), name);
            if (!RegularFile.IsAt(shared))
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
            var folder = Directory.CreateDirectory(SharedFolder()).FullName;
            // By one rename: whoever reads it meanwhile reads the old one or the new one.
            var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
            File.Copy(path, temporary);
            File.Move(temporary, Path.Combine(folder, name), overwrite: true);
            return true;
        }));
    }

    public override string ToString() => _root;

    private string SharedFolder()
    {
        var folder = new DirectoryInfo(Path.Combine(_root, ISharedFiles.Folder));
        return folder.LinkTarget is null ? folder.FullName : throw new IOException($"{folder} is a link, and nothing is shared behind links.");
    }

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

    private async Task<CopyLease> CopyAsync(ModelVersion version, ModelFiles files, CancellationToken cancellationToken)
    {
        try
        {
            var model = new FileInfo(files.ModelPath);
            var sources = model.Name == ModelVersion.ModelFileName ? VersionFiles.Of(model.Directory!) : VersionFiles.OfBare(model);
            return await _copies.GetAsync(version, sources, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that was replaced or removed during the copy: listing it again helps.
            await ThrowIfChangedAsync(version, cancellationToken).ConfigureAwait(false);
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {version.Id} is loaded from a private copy, and its {version.Size} bytes cannot be copied to {_copies}: {e.Message} Check Models__CacheDirectory.",
                e);
        }
    }

    private HashSet<ModelName> Names()
    {
        var names = new HashSet<ModelName>();
        foreach (var entry in new DirectoryInfo(_root).EnumerateFileSystemInfos())
        {
            // A link that leads nowhere may have led to a model's folder.
            var text = entry is DirectoryInfo ? entry.Name
                : entry.Name.EndsWith(Extension, StringComparison.Ordinal) ? entry.Name[..^Extension.Length]
                : VersionFiles.IsBrokenLink(entry) ? entry.Name
                : null;
            if (ModelName.TryParse(text, out var name))
                names.Add(name);
        }

        return names;
    }

    /// <exception cref="IOException">Something of the model cannot be read, so that it is not known which versions there are.</exception>
    private List<ModelVersion> Versions(ModelName name)
    {
        var versions = new List<ModelVersion>();
        var folder = new DirectoryInfo(Path.Combine(_root, name.Value));
        foreach (var child in Children(folder))
        {
            if (ModelVersion.TryParseNumber(child.Name, out var number) && FilesOf(child) is { } files)
                versions.Add(VersionFiles.Describe(new ModelId(name, number), files));
        }

        var bare = new FileInfo(BareFile(name));
        ThrowIfBrokenLink(bare);
        if (bare.Exists && !versions.Exists(version => version.Id.Version == 1))
            versions.Add(VersionFiles.Describe(new ModelId(name, 1), VersionFiles.OfBare(bare)));
        if (versions.Count == 0 && NamesServer(ThrowIfEscaping(new FileInfo(RemoteFile(name)))))
            versions.Add(VersionFiles.Describe(new ModelId(name, 1), [.. VersionFiles.Of(folder).Where(IsRemoteFile)]));
        return versions;
    }

    /// <summary>What is in the folder of a model; nothing when there is none, or a file of its name.</summary>
    private static FileSystemInfo[] Children(DirectoryInfo folder)
    {
        ThrowIfBrokenLink(folder);
        try
        {
            return [.. folder.EnumerateFileSystemInfos()];
        }
        catch (IOException e) when (e is DirectoryNotFoundException || File.Exists(folder.FullName))
        {
            return [];
        }
    }

    /// <summary>Null when this is not the folder of a version.</summary>
    private static List<VersionFile>? FilesOf(FileSystemInfo version)
    {
        ThrowIfBrokenLink(version);
        if (version is not DirectoryInfo folder)
            return null;
        ThrowIfBrokenLink(new FileInfo(Path.Combine(folder.FullName, ModelVersion.ModelFileName)));
        var files = VersionFiles.Of(folder);
        return files.Exists(file => file.Name == ModelVersion.ModelFileName) ? files : null;
    }

    private static void ThrowIfBrokenLink(FileSystemInfo entry)
    {
        if (VersionFiles.IsBrokenLink(entry))
            throw new IOException($"{entry.FullName} is a link that leads nowhere.");
    }

    private static bool IsRemoteFile(VersionFile file) => file.Name is SettingsFile.RemoteModel or ModelVersion.LabelsFileName;

    private static bool NamesServer(FileInfo settings) =>
        settings.Exists && VersionFiles.Followed(settings).Length <= SettingsFile.MaxSize && SettingsFile.NamesServer(File.ReadAllBytes(settings.FullName));

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable, $"The model folder {_root} cannot be used: {e.Message} Check Models__Source.", e)
            {
                Reason = ErrorReason.StoreUnavailable,
            };
        }
    }

    private List<FileInfo> SettingsFiles(ModelName name)
    {
        var files = SettingsFile.Names.Select(file => new FileInfo(Path.Combine(_root, name.Value, file))).ToList();
        files.ForEach(file => ThrowIfEscaping(file));
        return files.FindAll(file => file.Exists);
    }

    private IEnumerable<VersionFile> WatchedFiles(ModelName name) => new DirectoryInfo(Path.Combine(_root, name.Value)).EnumerateFiles()
        .Where(file => SettingsFile.IsWatched(file.Name))
        .Select(file => new VersionFile(file.Name, VersionFiles.Followed(file)));

    /// <summary>Settings are read for everybody who asks for the model, so that they must be files of its folder.</summary>
    private static FileInfo ThrowIfEscaping(FileInfo settings)
    {
        if ((settings.Exists || settings.LinkTarget is not null)
            && Confinement.FindEscape(settings, Confinement.RealPath(settings.DirectoryName!) ?? settings.DirectoryName!) is { } escape)
        {
            throw new IOException(escape);
        }

        return settings;
    }

    private static SettingsFile Read(FileInfo file) => VersionFiles.Followed(file).Length <= SettingsFile.MaxSize
        ? new SettingsFile(file.Name, File.ReadAllBytes(file.FullName))
        : throw new InferenceException(InferenceError.ModelUnavailable, $"{file.FullName} is larger than {SettingsFile.MaxSize} bytes, which no settings are.")
        {
            IsCausedByFiles = true,
        };

    private string VersionFolder(ModelId id) =>
        Path.Combine(_root, id.Name.Value, id.Version.ToString(CultureInfo.InvariantCulture));

    private string RemoteFile(ModelName name) => Path.Combine(_root, name.Value, SettingsFile.RemoteModel);

    private string BareFile(ModelName name) => Path.Combine(_root, name.Value + Extension);
}
