using Inference.Models;
using Inference.Models.Files;
using Inference.Models.Settings;
using Inference.Repository.Copies;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>
/// Models in a folder: <c>&lt;model&gt;/&lt;version&gt;/model.onnx</c> (<see cref="ModelFileName"/> allows other names). Version 1 may also
/// be a <c>&lt;model&gt;.onnx</c>, or a <c>&lt;model&gt;/</c> with a model file and no version folder (<see cref="RootVersion"/>). A remote
/// model has only a <c>&lt;model&gt;/model.json</c>, which names the server that runs the model. The version of a remote model is 1.
/// </summary>
/// <param name="trust">The policy for the verification of each version that is fetched.</param>
/// <param name="cacheDirectory">
/// The folder for copies of versions. The store creates a missing folder, and refuses a folder to which another user can write.
/// </param>
public sealed partial class DirectoryModelStore(string root, TrustPolicy trust, string cacheDirectory) : IModelStore
{
    private readonly string _root = Path.GetFullPath(root);
    private readonly SettingsFolder _settings = new(Path.GetFullPath(root));
    private readonly VersionCopies _copies = new(cacheDirectory);

    public Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(RunGuarded(() =>
        {
            if (!Directory.Exists(_root))
                throw new DirectoryNotFoundException("It does not exist.");
            var (versions, settings, failures) =
                (new List<ModelVersion>(), new Dictionary<ModelName, string>(), new Dictionary<ModelName, string>());
            var problems = new List<ListedProblem>();
            foreach (var model in name is { } requested ? [requested] : ListNames(problems))
            {
                try
                {
                    versions.AddRange(ListVersions(model, problems));
                    if (_settings.Find(model).Count > 0)
                        settings.Add(model, VersionFiles.ComputeTag([.. _settings.FindWatched(model)]));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or InferenceException)
                {
                    versions.RemoveAll(version => version.Id.Name == model);
                    failures.Add(model, $"Model {model} cannot be read: {e.Message}");
                }
            }

            return new ModelListing(versions, settings) { Failures = failures, Problems = problems };
        }));
    }

    public Task<ModelConfiguration> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(RunGuarded(() =>
        {
            var configuration = ModelConfigurationReader.Read(name, [.. _settings.Read(name)], trust);
            var labelFiles = ModelConfigurationReader.GetLabelFileNames(configuration, trust)
                .Select(file => SettingsFolder.ThrowIfEscaping(new FileInfo(Path.Combine(_root, name.Value, file))))
                .Where(file => RegularFile.Exists(file.FullName));
            var contents = labelFiles.Select(SettingsFolder.Read).ToDictionary(file => file.Name, file => file.Content);
            return configuration with { LabelFiles = contents };
        }));
    }

    /// <summary>
    /// Fetches the files of a version, or a private copy if the version must be verified or the model has external data. ONNX Runtime
    /// maps external data into memory. A change of a mapped file changes results, and truncation of a mapped file ends the process.
    /// </summary>
    public async Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        await ThrowIfChangedAsync(version, cancellationToken).ConfigureAwait(false);
        return await RunUnlessChangedAsync(version, () => FetchListedAsync(version, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    public Task<Stream?> OpenAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return RunUnlessChangedAsync<Stream?>(
            version, () => Task.FromResult(RunGuarded<Stream?>(() => OpenModelFile(version.Id))), cancellationToken);
    }

    public override string ToString() => _root;

    private async Task<ModelFiles> FetchListedAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var files = RunGuarded(() => FindFiles(version.Id));
        TrustPolicy.ThrowIfEscaping(version.Id, files);
        trust.ThrowIfProofMissing(version.Id, files);
        // If the version's files are directly in the model's folder, other files there are not part of the version and not in the manifest.
        // The copy has only the files of the version.
        var isCopied = trust.IsStrict
            || (IsRootVersion(version.Id, files) && File.Exists(Path.Combine(files.Folder!, ModelManifest.FileName)))
            || (!files.IsRemote
                && await Task.Run(() => RunGuarded(() => ExternalData.IsUsedBy(files.ModelPath, cancellationToken)), cancellationToken)
                    .ConfigureAwait(false));
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

    private FileStream? OpenModelFile(ModelId id)
    {
        var files = FindFiles(id);
        TrustPolicy.ThrowIfEscaping(id, files);
        return files.IsRemote ? null : File.OpenRead(files.ModelPath);
    }

    private ModelFiles FindFiles(ModelId id)
    {
        if (FindFolder(id) is { } version)
            return ChooseFiles(id, version, [.. VersionFiles.List(version).Select(file => file.Name)]);
        if (File.Exists(GetBareFilePath(id.Name)))
            return new ModelFiles(GetBareFilePath(id.Name), LabelsPath: null) { Folder = null };
        var root = new DirectoryInfo(Path.Combine(_root, id.Name.Value));
        List<string> paths = root.Exists ? [.. VersionFiles.List(root, skipsHidden: true).Select(file => file.Name)] : [];
        if (RootVersion.IsIn(paths))
            return ChooseFiles(id, root, paths);
        var labelPath = Path.Combine(root.FullName, ModelVersion.LabelsFileName);
        return new ModelFiles(_settings.GetRemoteModelPath(id.Name), File.Exists(labelPath) ? labelPath : null) { IsRemote = true };
    }

    private ModelFiles ChooseFiles(ModelId id, DirectoryInfo folder, List<string> names)
    {
        var configuredFile = ModelFileName.DependsOnSettings(names) ? ReadFileName(id.Name) : null;
        var file = ModelFileName.Choose(names, configuredFile, $"{id.Name}/{folder.Name}", out var problem)
            ?? throw new InferenceException(InferenceError.ModelUnavailable, $"Model {id} cannot be served: {problem}")
            {
                LastsUntilFilesChange = true,
                Cause = FailureCause.Files,
            };
        var labelPath = Path.Combine(folder.FullName, ModelVersion.LabelsFileName);
        return new ModelFiles(Path.Combine(folder.FullName, file), File.Exists(labelPath) ? labelPath : null) { Folder = folder.FullName };
    }

    /// <summary>
    /// Returns the name of the model file in the settings; null when the settings specify no file, cannot be used or are not trusted.
    /// </summary>
    private string? ReadFileName(ModelName name)
    {
        try
        {
            return ModelConfigurationReader.Read(name, [.. _settings.Read(name)], trust).Settings.File;
        }
        catch (InferenceException)
        {
            // The load reports the problem with the settings.
            return null;
        }
    }

    /// <summary>Finds the folder of a version, whose name may have leading zeros; null when no such folder has files.</summary>
    private DirectoryInfo? FindFolder(ModelId id) => Array.Find(
        FolderListing.ListChildren(new DirectoryInfo(Path.Combine(_root, id.Name.Value))),
        child => child is DirectoryInfo && ModelVersion.TryParseNumber(child.Name, out var number) && number == id.Version
            && VersionFiles.List((DirectoryInfo)child).Count > 0) as DirectoryInfo;

    /// <summary>Whether the version's files are directly in the model's folder.</summary>
    private bool IsRootVersion(ModelId id, ModelFiles files) =>
        files is { IsRemote: false, Folder: { } folder } && folder == Path.Combine(_root, id.Name.Value);

    private async Task<CopyLease> CopyAsync(ModelVersion version, ModelFiles files, CancellationToken cancellationToken)
    {
        try
        {
            var model = new FileInfo(files.ModelPath);
            var sources = files.Folder is not { } folder ? VersionFiles.ListBareModel(model)
                : IsRootVersion(version.Id, files)
                ? VersionFiles.ListRoot(new DirectoryInfo(folder), Path.GetRelativePath(folder, files.ModelPath).Replace('\\', '/'))
                : VersionFiles.List(new DirectoryInfo(folder));
            return await _copies.GetAsync(version, sources, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {version.Id} is loaded from a private copy, and its {Counted.Text(version.Size, "byte")} cannot be copied "
                + $"to {_copies}: {e.Message} Check Models__CacheDirectory.",
                e);
        }
    }

    /// <param name="problems">Receives entries of the root folder that look like a model but have no valid name.</param>
    private HashSet<ModelName> ListNames(List<ListedProblem> problems)
    {
        var names = new HashSet<ModelName>();
        foreach (var entry in new DirectoryInfo(_root).EnumerateFileSystemInfos())
        {
            // A broken link counts as a model, because its target may have been a model's folder.
            var candidate = entry is DirectoryInfo ? entry.Name
                : entry.Name.EndsWith(OnnxFileName.Extension, StringComparison.Ordinal) ? entry.Name[..^OnnxFileName.Extension.Length]
                : VersionFiles.IsBrokenLink(entry) ? entry.Name
                : null;
            if (ModelName.TryParse(candidate, out var name))
                names.Add(name);
            else if (ModelLayout.FindRootProblem(entry.Name, entry is DirectoryInfo) is { } problem)
                problems.Add(problem);
        }

        return names;
    }

    /// <param name="problems">Receives entries that look like a version and cannot be served.</param>
    /// <exception cref="IOException">A part of the model cannot be read, so its versions are not known.</exception>
    private List<ModelVersion> ListVersions(ModelName name, List<ListedProblem> problems)
    {
        var folder = new DirectoryInfo(Path.Combine(_root, name.Value));
        var (paths, files) = (new List<string>(), new Dictionary<string, List<VersionFile>>());
        foreach (var child in FolderListing.ListChildren(folder))
        {
            if (ModelVersion.TryParseNumber(child.Name, out _) && FolderListing.ListVersionFiles(child) is { } versionFiles)
                files.Add(child.Name, versionFiles);
            paths.AddRange(files.TryGetValue(child.Name, out var listed)
                ? listed.Select(file => $"{child.Name}/{file.Name}")
                : FolderListing.ListNames(child));
        }

        var configuredFile =
            ModelLayout.DependsOnSettings(paths) ? ModelConfigurationReader.ReadFileName(name, [.. _settings.Read(name)]) : null;
        var bare = new FileInfo(GetBareFilePath(name));
        FolderListing.ThrowIfBrokenLink(bare);
        var folderLayout = ModelLayout.Read(name.Value, paths, configuredFile);
        var layout = bare.Exists ? folderLayout.WithBareFile(name.Value) : folderLayout;
        problems.AddRange(layout.Problems);
        List<ModelVersion> versions = [.. layout.Versions.Select(version => CreateVersion(
            version.Number, version.IsRoot ? VersionFiles.ListRoot(folder, version.File) : files[version.Folder]))];
        if (bare.Exists && layout == folderLayout)
            versions.Add(CreateVersion(1, VersionFiles.ListBareModel(bare)));
        if (versions.Count == 0 && !bare.Exists && NamesServer(name))
            versions.Add(CreateVersion(1, [.. VersionFiles.List(folder).Where(IsRemoteFile)]));
        if (paths.Count == 0 && versions.Count == 0 && folder.Exists)
            problems.Add(ModelLayout.DescribeEmptyFolder(name.Value));
        problems.AddRange(ModelLayout.FindMisplaced(
            name.Value, paths,
            [.. versions.Select(version => version.Id.Version), .. layout.Problems.Select(problem => problem.Version ?? 0)]));
        return versions;

        ModelVersion CreateVersion(long number, List<VersionFile> versionFiles) =>
            VersionFiles.CreateVersion(new ModelId(name, number), versionFiles);
    }

    private static bool IsRemoteFile(VersionFile file) => file.Name is SettingsFile.RemoteModelFileName or ModelVersion.LabelsFileName;

    /// <summary>Whether the model's settings specify another server.</summary>
    private bool NamesServer(ModelName name)
    {
        var settings = SettingsFolder.ThrowIfEscaping(new FileInfo(_settings.GetRemoteModelPath(name)));
        return settings.Exists && VersionFiles.ResolveLink(settings).Length <= SettingsFile.MaxSize
            && SettingsFile.HasRemoteKey(File.ReadAllBytes(settings.FullName));
    }

    /// <summary>Runs an action, and converts errors of the file system to <see cref="InferenceException"/>.</summary>
    private T RunGuarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable, $"Models cannot be read from {_root}: {e.Message} Check Models__Source.", e)
            { Reason = ErrorReason.StoreUnavailable, Cause = FailureCause.Store };
        }
    }

    private string GetBareFilePath(ModelName name) => Path.Combine(_root, name.Value + OnnxFileName.Extension);
}
