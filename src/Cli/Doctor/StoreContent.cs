using Cli.Models;
using Cli.Models.Stores;
using Inference.Models;
using Inference.Repository;
using Inference.Repository.Layout;

namespace Cli.Doctor;

/// <summary>The models and versions in a store, and the inferctl commands with which a user changes them.</summary>
internal sealed class StoreContent
{
    private readonly string _store;
    private readonly HashSet<string> _rootFiles;
    private readonly Dictionary<string, StoredModel> _modelsByName;
    private readonly ILookup<string, StoredVersion> _versionsByModel;

    private StoreContent(string store, IModelFiles files, IReadOnlyList<StoredFile> stored, IReadOnlyList<StoredModel> models)
    {
        (_store, Files, StoredFiles) = (store, files, stored);
        _rootFiles = stored.Select(file => file.Path).Where(path => !path.Contains('/')).ToHashSet(StringComparer.Ordinal);
        Models = [.. models.Select(WithBareFile)];
        _modelsByName = Models.ToDictionary(model => model.Name.Value, StringComparer.Ordinal);
        Versions =
        [
            .. Models.SelectMany(model => model.Layout.Versions.Select(version => StoredVersion.Create(files, model, version))),
            .. FindBare(models),
        ];
        _versionsByModel = Versions.ToLookup(version => version.Id.Name.Value, StringComparer.Ordinal);
        var nonEmptyFolders = stored.Select(file => file.Path.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        EmptyFolders = [.. files.ListFolders().Where(folder => !nonEmptyFolders.Contains(folder))];
    }

    public IModelFiles Files { get; }

    /// <summary>All files of the store.</summary>
    public IReadOnlyList<StoredFile> StoredFiles { get; }

    /// <summary>The models that have a folder. Their layouts include bare model files.</summary>
    public IReadOnlyList<StoredModel> Models { get; }

    /// <summary>The complete versions. Among them are bare model files: <c>&lt;model&gt;.onnx</c> at the root of the store.</summary>
    public IReadOnlyList<StoredVersion> Versions { get; }

    /// <summary>The folders at the root of the store that contain no file.</summary>
    public IReadOnlyList<string> EmptyFolders { get; }

    /// <summary>The number of models, with or without a complete version.</summary>
    public int ModelCount => Models.Select(model => model.Name.Value).Concat(Versions.Select(version => version.Id.Name.Value))
        .Concat(EmptyFolders.Where(folder => ModelName.TryParse(folder, out _))).Distinct().Count();

    /// <summary>The command that adds a model to the store.</summary>
    public string PushCommand => $"inferctl models push <source> <name> --store {ShellArgument}";

    /// <summary>Returns the command that adds a version of a model.</summary>
    public string GetPushCommand(ModelName model) => $"inferctl models push <source> {model} --store {ShellArgument}";

    /// <summary>
    /// The store as an argument for a shell, quoted if necessary. A URI with a SAS is replaced with a placeholder, because a SAS is a
    /// secret.
    /// </summary>
    private string ShellArgument => _store.Contains('?', StringComparison.Ordinal) ? "<uri>"
        : _store.All(character => char.IsAsciiLetterOrDigit(character) || "/.:_-".Contains(character, StringComparison.Ordinal)) ? _store
        : $"'{_store.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <param name="store">The value of <c>--store</c>.</param>
    public static async Task<StoreContent> ReadAsync(string store, IModelFiles files, CancellationToken cancellationToken)
    {
        var stored = await files.ListAsync("", cancellationToken);
        var models = new List<StoredModel>();
        foreach (var model in stored.Where(file => file.Path.Contains('/')).GroupBy(file => file.Path.Split('/')[0])
            .OrderBy(model => model.Key, StringComparer.Ordinal))
        {
            if (ModelName.TryParse(model.Key, out var name))
                models.Add(await ReadModelAsync(files, name, [.. model], cancellationToken));
        }

        return new StoreContent(store, files, stored, models);
    }

    /// <summary>Reads a model. If the settings cannot be read, only the names of the files determine the layout.</summary>
    private static async Task<StoredModel> ReadModelAsync(
        IModelFiles files, ModelName name, IReadOnlyList<StoredFile> stored, CancellationToken cancellationToken)
    {
        try
        {
            return await StoredModel.ReadAsync(files, name, stored, cancellationToken);
        }
        catch (CliException)
        {
            return StoredModel.Create(name, stored, modelFile: null);
        }
    }

    /// <summary>Says how to correct a version that cannot be served.</summary>
    public string DescribeFix(string model, long version) => HasDuplicates(model, version)
        ? $"Keep one version {version} of {model}, and delete or rename the other in {Files}."
        : $"Correct the problem. {DescribeRemoval(model, version, "this version")}";

    /// <summary>Whether the store has several folders or files for one version, of which a server serves none.</summary>
    public bool HasDuplicates(string model, long version)
    {
        if (FindModel(model) is not { } stored)
            return false;
        var folders = stored.Files.Select(file => file.Path.Split('/')).Where(parts => parts.Length > 2)
            .Select(parts => parts[1]).Distinct().Count(folder => ModelVersion.TryParseNumber(folder, out var number) && number == version);
        return folders > 1 || (version == RootVersion.Number && HasBareFile(model)
            && stored.Layout.Problems.Any(problem => problem.Version == version));
    }

    /// <summary>Says how to remove a version, or the files of an incomplete version.</summary>
    /// <param name="what">The object of the sentence, such as "this version".</param>
    /// <returns>
    /// A sentence with a command, or with an instruction when no command can remove the files. If the files are already removed, the
    /// sentence says so.
    /// </returns>
    public string DescribeRemoval(string model, long version, string what)
    {
        var found = GetVersions(model).FirstOrDefault(stored => stored.Id.Version == version)
            ?? (FindModel(model) is { } folder ? StoredVersion.FindIncomplete(Files, folder, version) : null);
        if (found is null && FindModel(model) is { IsRemote: true })
            return $"To remove {what}: delete {model}/{SettingsFile.RemoteModelFileName} in {Files}";
        if (found is null && !HasBareFile(model))
            return "The version was removed from the store. The server stops serving it within its next two listings.";
        return found is { IsRoot: false }
            ? $"To remove {what}: inferctl models remove {model} --version {version} --store {ShellArgument}"
            : $"To remove {what}: delete the files of {model} in {Files}";
    }

    /// <summary>Whether the store has a bare model file for a model.</summary>
    public bool HasBareFile(string model) => _rootFiles.Contains(model + OnnxFileName.Extension);

    /// <summary>Returns a model that has a folder; null when the store has no such folder.</summary>
    public StoredModel? FindModel(string name) => _modelsByName.GetValueOrDefault(name);

    /// <summary>Returns the complete versions of a model.</summary>
    public IEnumerable<StoredVersion> GetVersions(string model) => _versionsByModel[model];

    /// <summary>Returns the model without version 1 if the store also has a bare file. A server serves neither of the two.</summary>
    private StoredModel WithBareFile(StoredModel model) =>
        HasBareFile(model.Name.Value) ? model with { Layout = model.Layout.WithBareFile(model.Name.Value) } : model;

    /// <summary>
    /// Finds the versions that are bare model files. A bare file is version 1 of its model. If a folder also has version 1, the server
    /// serves neither, and the bare file is left out.
    /// </summary>
    /// <param name="folders">The models that have a folder. Their layouts do not include bare model files.</param>
    private IEnumerable<StoredVersion> FindBare(IReadOnlyList<StoredModel> folders)
    {
        var namesWithVersion1 = folders.Where(model => model.Layout.Versions.Any(version => version.Number == RootVersion.Number))
            .Select(model => model.Name.Value).ToHashSet(StringComparer.Ordinal);
        List<StoredFile> files = [.. StoredFiles.Where(file => _rootFiles.Contains(file.Path))];
        return files.Select(file => file.Path).Where(path => path.EndsWith(OnnxFileName.Extension, StringComparison.Ordinal))
            .Select(path => path[..^OnnxFileName.Extension.Length])
            .Where(name => ModelName.TryParse(name, out _) && !namesWithVersion1.Contains(name))
            .Select(name => StoredVersion.FindBare(Files, ModelName.Parse(name), files))
            .OfType<StoredVersion>();
    }
}
