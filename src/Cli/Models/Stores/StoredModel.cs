using Azure;
using Inference;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;
using Inference.Repository.Layout;

namespace Cli.Models.Stores;

/// <summary>The files of a model in a store, and the layout that a server reads from them.</summary>
/// <param name="Files">All files of the model, with paths relative to the store's root.</param>
/// <param name="Layout">The versions of the model, and the problems because of which a server does not serve a version.</param>
internal sealed record StoredModel(ModelName Name, IReadOnlyList<StoredFile> Files, ModelLayout Layout)
{
    /// <summary>Whether the model has settings and no version files, because another server runs its version 1.</summary>
    public bool IsRemote { get; private init; }

    /// <summary>Creates a model without files.</summary>
    public static StoredModel CreateEmpty(ModelName name) => new(name, [], new ModelLayout([], []));

    /// <summary>Lists the files of a model and reads its layout.</summary>
    public static async Task<StoredModel> ReadAsync(IModelFiles store, ModelName name, CancellationToken cancellationToken) =>
        await ReadAsync(store, name, await store.ListAsync($"{name}/", cancellationToken), cancellationToken);

    /// <inheritdoc cref="ReadAsync(IModelFiles, ModelName, CancellationToken)"/>
    /// <returns>Null when the store is a folder or a container that does not exist.</returns>
    public static async Task<StoredModel?> TryReadAsync(IModelFiles store, ModelName name, CancellationToken cancellationToken)
    {
        if (store.IsMissingFolder)
            return null;
        try
        {
            return await ReadAsync(store, name, cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == "ContainerNotFound")
        {
            return null;
        }
    }

    /// <summary>Reads the layout of a model whose files were already listed.</summary>
    /// <param name="files">All files of the model.</param>
    public static async Task<StoredModel> ReadAsync(
        IModelFiles store, ModelName name, IReadOnlyList<StoredFile> files, CancellationToken cancellationToken)
    {
        var model = Create(name, files, modelFile: null);
        var canBeRemote = model.Layout is { Versions.Count: 0, Problems.Count: 0 };
        if (!canBeRemote && !ModelLayout.DependsOnSettings(GetPaths(name, files)))
            return model;
        var settings = await ReadSettingsAsync(store, name, files, cancellationToken);
        return Create(name, files, ModelConfigurationReader.ReadFileName(name, settings)) with
        {
            IsRemote = canBeRemote
                && settings.Exists(file => file.Name == SettingsFile.RemoteModelFileName && SettingsFile.HasRemoteKey(file.Content.Span)),
        };
    }

    /// <summary>Reads the layout of a model from the names of its files alone.</summary>
    /// <param name="files">All files of the model.</param>
    /// <param name="modelFile">The model file that the settings specify; null when they specify none, or cannot be read.</param>
    public static StoredModel Create(ModelName name, IReadOnlyList<StoredFile> files, string? modelFile) =>
        new(name, files, ModelLayout.Read(name.Value, GetPaths(name, files), modelFile));

    /// <summary>Reads the settings files of a model in the store. Files that are too large for a server are left out.</summary>
    public static async Task<List<SettingsFile>> ReadSettingsAsync(
        IModelFiles store, ModelName name, IReadOnlyList<StoredFile> files, CancellationToken cancellationToken)
    {
        var settings = new List<SettingsFile>();
        foreach (var file in files.Where(file => file.Size <= SettingsFile.MaxSize && IsSettings(name, file)))
            settings.Add(await ReadSettingsAsync(store, file, cancellationToken));
        return settings;
    }

    /// <summary>Whether a file in the store is a settings file of a model.</summary>
    public static bool IsSettings(ModelName name, StoredFile file) =>
        SettingsFile.Names.Any(setting => file.Path == $"{name}/{setting}");

    /// <summary>Reads the settings files of the model. Returns none if any file is unreadable or invalid.</summary>
    public async Task<IReadOnlyList<SettingsFile>> ReadValidSettingsAsync(IModelFiles store, CancellationToken cancellationToken)
    {
        try
        {
            var settings = await ReadSettingsAsync(store, Name, Files, cancellationToken);
            ModelConfigurationReader.Parse(Name, settings);
            return settings;
        }
        catch (Exception e) when (e is CliException or FileProblemsException)
        {
            return [];
        }
    }

    /// <summary>Returns the numbers of the versions that a server cannot serve because of their files.</summary>
    /// <param name="excluded">The numbers to leave out.</param>
    public long[] GetUnusable(IReadOnlyCollection<long> excluded) =>
        [.. Layout.Problems.Select(problem => problem.Version).OfType<long>().Where(number => !excluded.Contains(number))];

    /// <summary>
    /// Describes the settings files of a model that a server does not read: a folder with the name of a settings file, and a file that is
    /// too large.
    /// </summary>
    /// <param name="files">All files of the model.</param>
    public static List<string> FindUnreadableSettings(IModelFiles store, ModelName name, IReadOnlyCollection<StoredFile> files) =>
    [
        .. SettingsFile.Names.Where(setting => store.HasFolder($"{name}/{setting}"))
            .Select(setting => SettingsFile.DescribeFolder(name, setting)),
        .. files.Where(file => file.Size > SettingsFile.MaxSize && IsSettings(name, file))
            .Select(file => $"\"{file.Path}\" has {file.Size} bytes; at most {SettingsFile.MaxSize} are read."),
    ];

    /// <summary>Reads a settings file, but at most one byte more than its listed size, because the size may have changed.</summary>
    /// <param name="file">A file of at most <see cref="SettingsFile.MaxSize"/> bytes.</param>
    /// <exception cref="CliException">The file does not have the listed size.</exception>
    private static async Task<SettingsFile> ReadSettingsAsync(IModelFiles store, StoredFile file, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenReadAsync(file.Path, cancellationToken);
        var bytes = new byte[file.Size + 1];
        var length = await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return length == file.Size
            ? new SettingsFile(file.Path.Split('/')[^1], bytes.AsMemory(0, length))
            : throw new CliException(
                $"{file.Path} in {store} changed while it was read: its size was {Counted.Text(file.Size, "byte")}. "
                + "Run the command again.");
    }

    /// <summary>Returns the paths of files relative to the model's folder.</summary>
    private static List<string> GetPaths(ModelName name, IReadOnlyList<StoredFile> files) =>
        [.. files.Select(file => file.Path[(name.Value.Length + 1)..])];

    /// <summary>Returns the requested version, or the highest version if <paramref name="number"/> is null.</summary>
    /// <exception cref="CliException">There is no such version.</exception>
    public VersionLocation Choose(IModelFiles store, long? number)
    {
        if (Layout.Versions.Count == 0)
        {
            var reasons = string.Join(' ', Layout.Problems.Select(problem => problem.Reason));
            throw new CliException(reasons.Length > 0
                ? $"{Name} has no complete version in {store}. {reasons}"
                : IsRemote
                ? $"{Name} has no files of a version in {store}, because its {SettingsFile.RemoteModelFileName} names another server, "
                    + $"which runs the model. To remove the model, delete {Name}/{SettingsFile.RemoteModelFileName}."
                : $"There is no model {Name} in {store}.");
        }

        return number is null ? Layout.Versions[^1] : Layout.Versions.FirstOrDefault(version => version.Number == number)
            ?? throw new CliException(
                Layout.Problems.FirstOrDefault(problem => problem.Version == number)?.Reason
                ?? $"There is no version {number} of {Name} in {store}. "
                    + (Layout.Versions.Count == 1 ? $"The only version of {Name} is " : $"The versions of {Name} are ")
                    + $"{string.Join(", ", Layout.Versions.Select(version => version.Number))}.");
    }
}
