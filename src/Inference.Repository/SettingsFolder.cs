using Inference.Models;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>
/// The settings files of the models in a folder. Each file must be inside its model's folder, for the same reason as the files of a version
/// (<see cref="FolderBoundary"/>).
/// </summary>
/// <param name="root">The full path of the folder with the models.</param>
internal sealed class SettingsFolder(string root)
{
    /// <summary>The path of the settings file that names the server of a model without files.</summary>
    public string GetRemoteModelPath(ModelName name) => Path.Combine(root, name.Value, SettingsFile.RemoteModelFileName);

    /// <summary>Finds the settings files of a model.</summary>
    /// <exception cref="IOException">A settings file is a folder, or a link out of the model's folder.</exception>
    public List<FileInfo> Find(ModelName name)
    {
        var files = SettingsFile.Names.Select(file => new FileInfo(Path.Combine(root, name.Value, file))).ToList();
        files.ForEach(file => ThrowIfEscaping(file));
        if (files.Find(file => Directory.Exists(file.FullName)) is { } folder)
            throw new IOException(SettingsFile.DescribeFolder(name, folder.Name));
        return files.FindAll(file => file.Exists);
    }

    /// <summary>Reads the settings files of a model.</summary>
    /// <exception cref="IOException">A settings file is a folder, or a link out of the model's folder.</exception>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: a settings file is too large.</exception>
    public IEnumerable<SettingsFile> Read(ModelName name) => Find(name).Select(Read);

    /// <summary>Finds the files that affect the settings of a model.</summary>
    /// <exception cref="IOException">A file is a broken link, or was removed in the meantime.</exception>
    public IEnumerable<VersionFile> FindWatched(ModelName name) => new DirectoryInfo(Path.Combine(root, name.Value)).EnumerateFiles()
        .Where(file => SettingsFile.IsWatched(file.Name))
        .Select(file => VersionFile.Find(file.Name, file) ?? throw new FileNotFoundException($"{file.FullName} does not exist."));

    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the file is too large.</exception>
    public static SettingsFile Read(FileInfo file) => VersionFiles.ResolveLink(file).Length <= SettingsFile.MaxSize
        ? new SettingsFile(file.Name, File.ReadAllBytes(file.FullName))
        : throw SettingsFile.CreateTooLargeError(file.FullName);

    /// <exception cref="IOException">The file is a link out of its folder.</exception>
    public static FileInfo ThrowIfEscaping(FileInfo settings)
    {
        if ((settings.Exists || settings.LinkTarget is not null)
            && FolderBoundary.FindEscape(
                settings, FolderBoundary.GetRealPath(settings.DirectoryName!) ?? settings.DirectoryName!) is { } escape)
        {
            throw new IOException(escape);
        }

        return settings;
    }
}
