using System.Globalization;
using Inference.Models;
using Inference.Models.Files;
using Inference.Repository;
using Inference.Repository.Layout;

namespace Inference.Azure.Models;

/// <summary>
/// Downloaded versions on the local disk: <c>{root}/{store}/{model}/{version}/{tag}/...</c>. A single rename creates the folder of a
/// version when all its files are complete. A process therefore never finds an incomplete version. The next download removes unused content
/// (<see cref="ModelCacheSweep"/>).
/// </summary>
internal sealed class ModelCache(string root, string store, TimeProvider time)
{
    /// <summary>The start of the names of temporary folders. No model name begins with a dot.</summary>
    private const string TemporaryPrefix = ".";

    private readonly string _root = Path.GetFullPath(root);
    private readonly string _folder = Path.Combine(Path.GetFullPath(root), BlobNameHash.Compute(store));

    /// <summary>Throws if another user could have written a model to the cache.</summary>
    public void EnsurePrivate()
    {
        if (PrivateFolder.Ensure(_root) is { } reason)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"The model cache {_root} is not used because {reason}: another user could put models into it. "
                + "Set Models__CacheDirectory to a folder that only this user can write to.");
        }
    }

    /// <summary>Returns the names of the version's files; null unless all files are cached.</summary>
    public IReadOnlyCollection<string>? Find(ModelVersion version)
    {
        var folder = new DirectoryInfo(GetFolder(version));
        // Programs that clean temporary folders remove old files one by one. An existing folder may therefore lack files.
        if (!folder.Exists
            || folder.EnumerateFiles("*", SearchOption.AllDirectories).ToList() is var files
                && files.Sum(file => file.Length) != version.Size)
        {
            return null;
        }

        CacheAge.MarkUsed(folder, time.GetUtcNow());
        return [.. files.Select(file => Path.GetRelativePath(folder.FullName, file.FullName).Replace('\\', '/'))];
    }

    /// <summary>Returns the files of a cached version: a bare file, a remote model, or a folder with a model file.</summary>
    /// <param name="names">The names of the version's files.</param>
    /// <param name="chosenFile">The model file that the model's settings specify; null when they specify none.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: there is no model file, or there are several and the settings specify none.
    /// </exception>
    public ModelFiles GetModelFiles(ModelVersion version, IReadOnlyCollection<string> names, string? chosenFile)
    {
        var folder = GetFolder(version);
        var bareFile = version.Id.Name + BlobLayout.BareExtension;
        var labels = names.Contains(ModelVersion.LabelsFileName) ? Path.Combine(folder, ModelVersion.LabelsFileName) : null;
        if (names.Contains(bareFile) && names.All(name => name.StartsWith(bareFile, StringComparison.Ordinal)))
            return new ModelFiles(Path.Combine(folder, bareFile), labels) { Folder = null };
        if (names.All(name => name is SettingsFile.RemoteModelFileName or ModelVersion.LabelsFileName)
            && names.Contains(SettingsFile.RemoteModelFileName))
        {
            return new ModelFiles(Path.Combine(folder, SettingsFile.RemoteModelFileName), labels) { IsRemote = true };
        }

        var file = ModelFileName.Choose(names, chosenFile, $"{version.Id}", out var problem)
            ?? throw new InferenceException(InferenceError.ModelUnavailable, $"Model {version.Id} cannot be served: {problem}")
            {
                LastsUntilFilesChange = true,
                Cause = FailureCause.Files,
            };
        return new ModelFiles(Path.Combine(folder, file), labels) { Folder = folder };
    }

    /// <summary>Creates an empty folder for a download, on the same file system as the versions. Removes unused content first.</summary>
    public string CreateTemporaryFolder()
    {
        Directory.CreateDirectory(_folder);
        Sweep();
        return Directory.CreateDirectory(CreateTemporaryPath()).FullName;
    }

    /// <summary>
    /// Renames a downloaded folder to the version's folder, and returns the names of its files. If another process has already created the
    /// version's folder, the files of that process are used.
    /// </summary>
    public IReadOnlyCollection<string> Publish(string temporaryFolder, ModelVersion version)
    {
        var folder = GetFolder(version);
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        if (Find(version) is null)
        {
            Remove(folder);
            try
            {
                Directory.Move(temporaryFolder, folder);
            }
            catch (IOException) when (Find(version) is not null)
            {
                // Another process has published the same content in the meantime.
            }
        }

        return Find(version) ?? throw new IOException($"{folder} was removed by another process");
    }

    /// <summary>Removes the files of the version, so that the next fetch downloads them.</summary>
    /// <exception cref="IOException">The files cannot be removed.</exception>
    public void Remove(ModelVersion version) => Remove(GetFolder(version));

    /// <summary>Deletes a temporary folder. Never throws for a folder that cannot be deleted.</summary>
    public static void Delete(string temporaryFolder)
    {
        try
        {
            if (Directory.Exists(temporaryFolder))
                Directory.Delete(temporaryFolder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No process uses the folder. A later sweep deletes the folder when it is old enough to count as abandoned.
        }
    }

    private void Sweep()
    {
        try
        {
            foreach (var folder in ModelCacheSweep.FindRemovable(_folder, TemporaryPrefix, time.GetUtcNow()))
                Remove(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process removes the same folder, or has a file in it open. The download succeeds without the cleanup.
        }
    }

    private void Remove(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        // The folder is renamed first, so that no process finds a partly deleted version.
        var renamed = CreateTemporaryPath();
        Directory.Move(folder, renamed);
        Delete(renamed);
    }

    private string CreateTemporaryPath() => Path.Combine(_folder, TemporaryPrefix + Guid.NewGuid().ToString("N"));

    private string GetFolder(ModelVersion version) => Path.Combine(
        _folder, version.Id.Name.Value, version.Id.Version.ToString(CultureInfo.InvariantCulture), version.Tag);
}
