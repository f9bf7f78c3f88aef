using Cli.Models.Stores;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>A version of a model in a store. Its files can be compared with its manifest and its signed statement.</summary>
internal sealed class StoredVersion
{
    /// <summary>The option of the commands that has the key of signed versions.</summary>
    public const string PublicKeyOption = "--public-key";

    private readonly string _folder;

    /// <param name="folder">The folder of the files, relative to the store's root; empty, or ends in <c>/</c>.</param>
    private StoredVersion(IModelFiles store, ModelId id, string folder, string modelFile, IEnumerable<StoredFile> files)
    {
        (Store, Id, _folder, ModelFile) = (store, id, folder, modelFile);
        Files = [.. files.OrderBy(file => GetName(file) == modelFile ? 0 : 1)];
    }

    public ModelId Id { get; }

    /// <summary>The model file, relative to the version's folder; empty for an incomplete version.</summary>
    public string ModelFile { get; }

    public IModelFiles Store { get; }

    /// <summary>The files, the model file first. When they are deleted in this order, the version disappears with the first file.</summary>
    public IReadOnlyList<StoredFile> Files { get; }

    /// <summary>
    /// Whether the version's files are directly in the model's folder. Such a folder can also have files that do not belong to the version.
    /// </summary>
    public bool IsRoot { get; private init; }

    /// <summary>Finds a version in the model's folder, or as a bare file <c>{model}.onnx</c> at the root of the store.</summary>
    /// <param name="number">The number of the version; null for the highest.</param>
    /// <exception cref="CliException">There is no such version, or version 1 is both in the folder and a bare file.</exception>
    public static async Task<StoredVersion> FindAsync(IModelFiles store, ModelName name, long? number, CancellationToken cancellationToken)
    {
        var model = await StoredModel.ReadAsync(store, name, cancellationToken);
        var highest = model.Layout.Versions is [.., var last] ? last.Number : RootVersion.Number;
        if ((number ?? highest) == RootVersion.Number
            && FindBare(store, name, await store.ListAsync("", cancellationToken)) is { } bare)
        {
            // If the folder also has version 1, a server serves neither of the two.
            var layout = model.Layout.WithBareFile(name.Value);
            if (layout == model.Layout)
                return bare;
            model = model with { Layout = layout };
        }

        return Create(store, model, model.Choose(store, number));
    }

    /// <summary>Creates a version that is stored in the model's folder.</summary>
    public static StoredVersion Create(IModelFiles store, StoredModel model, VersionLocation version)
    {
        var id = new ModelId(model.Name, version.Number);
        var folder = version.IsRoot ? $"{model.Name}/" : $"{model.Name}/{version.Folder}/";
        var files = model.Files.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal)).ToList();
        if (!version.IsRoot)
            return new StoredVersion(store, id, folder, version.File, files);
        var chosen = RootVersion.ChooseFiles([.. files.Select(file => file.Path[folder.Length..])], version.File)
            .ToHashSet(StringComparer.Ordinal);
        return new StoredVersion(store, id, folder, version.File, files.Where(file => chosen.Contains(file.Path[folder.Length..])))
        {
            IsRoot = true,
        };
    }

    /// <summary>Finds the version of a bare file <c>{model}.onnx</c> at the root of a store, with its external data.</summary>
    /// <param name="stored">All files of the store.</param>
    /// <returns>Null when the store has no such file.</returns>
    public static StoredVersion? FindBare(IModelFiles store, ModelName name, IReadOnlyList<StoredFile> stored)
    {
        var bareFile = name + OnnxFileName.Extension;
        return stored.Any(file => file.Path == bareFile)
            ? new StoredVersion(
                store,
                new ModelId(name, RootVersion.Number),
                "",
                bareFile,
                stored.Where(file => file.Path.StartsWith(bareFile, StringComparison.Ordinal) && !file.Path.Contains('/')))
            : null;
    }

    /// <summary>Finds the numbers of the complete versions of a model, including a bare file.</summary>
    public static async Task<HashSet<long>> FindNumbersAsync(IModelFiles store, StoredModel model, CancellationToken cancellationToken)
    {
        var numbers = model.Layout.Versions.Select(version => version.Number).ToHashSet();
        if (!numbers.Contains(RootVersion.Number)
            && FindBare(store, model.Name, await store.ListAsync("", cancellationToken)) is not null)
        {
            numbers.Add(RootVersion.Number);
        }

        return numbers;
    }

    /// <summary>
    /// Finds an incomplete version: its folder has no model file, or several model files. An interrupted push leaves such a version.
    /// </summary>
    /// <returns>Null when the model has no incomplete version with this number, or has several folders for the number.</returns>
    public static StoredVersion? FindIncomplete(IModelFiles store, StoredModel model, long number)
    {
        if (model.Layout.Versions.Any(version => version.IsRoot || version.Number == number))
            return null;
        var prefix = $"{model.Name}/";
        var folders = model.Files.Select(file => file.Path[prefix.Length..].Split('/')).Where(parts => parts.Length > 1)
            .Select(parts => parts[0]).Distinct().Where(folder => ModelVersion.TryParseNumber(folder, out var found) && found == number)
            .ToList();
        // Folders such as 1 and 01 are both version 1. The user must remove or rename one.
        if (folders is not [var only])
            return null;
        var path = $"{prefix}{only}/";
        return new StoredVersion(
            store, new ModelId(model.Name, number), path, modelFile: "",
            model.Files.Where(file => file.Path.StartsWith(path, StringComparison.Ordinal)));
    }

    /// <summary>Returns the name of a file relative to the version's folder.</summary>
    public string GetName(StoredFile file) => file.Path[_folder.Length..];

    /// <summary>Opens a file of the version for reading. The caller disposes the stream.</summary>
    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) =>
        Store.OpenReadAsync(_folder + name, cancellationToken);

    /// <summary>Compares the files with the manifest and, if a key is given, with the signed statement.</summary>
    /// <param name="publicKeyPem">The key that must have signed the version; null to compare the files with the manifest only.</param>
    /// <returns>All problems, each as a sentence; empty when the files match.</returns>
    /// <exception cref="CliException">
    /// The version has no manifest and no key is given, or the manifest is malformed. Also thrown when the key is invalid, or when the
    /// manifest or the statement is too large.
    /// </exception>
    public async Task<List<string>> VerifyAsync(string? publicKeyPem, CancellationToken cancellationToken)
    {
        var manifest = await ReadAsync(ModelManifest.FileName, ModelManifest.MaxSize, cancellationToken);
        if (manifest is null && publicKeyPem is null)
        {
            throw new CliException(
                $"{Id} has no {ModelManifest.FileName}, so its files cannot be compared. "
                + (Files.Any(file => GetName(file) == SignedStatement.VersionFileName)
                    ? "It has a signed statement: verify it with --public-key."
                    : "\"inferctl models push\" stores a manifest."));
        }

        var problems = new List<string>();
        var listedEntries = new List<ManifestEntry>();
        if (manifest is not null)
            listedEntries.AddRange(ParseManifest(manifest).Entries);
        if (publicKeyPem is not null && await OpenStatementAsync(publicKeyPem, problems, cancellationToken) is { } statement)
        {
            listedEntries.AddRange(statement.Files);
            if (await FindSettingsProblemAsync(publicKeyPem, statement.SettingsSignedAt, cancellationToken) is { } problem)
                problems.Add(problem);
        }

        if (problems.Count > 0)
            return problems;
        var names = Files.Select(GetName).ToHashSet(StringComparer.Ordinal);
        foreach (var entries in listedEntries.GroupBy(entry => entry.Name))
        {
            if (!names.Remove(entries.Key))
                problems.Add($"{entries.Key} is listed, but does not exist.");
            else if (await HashAsync(entries.Key, cancellationToken) is var digest && entries.Any(entry => entry.Sha256 != digest))
                problems.Add($"{entries.Key} differs from the listed file.");
        }

        names.ExceptWith(ManifestVerifier.FilesWithoutDigest);
        problems.AddRange(names.Order(StringComparer.Ordinal).Select(name => $"{name} exists, but is not listed."));
        return problems;
    }

    /// <summary>Finds the reason why a server with the key would refuse the version because of the settings in the store.</summary>
    /// <param name="settingsSignedAt">The time in the version's statement at which the settings were signed; null without one.</param>
    /// <returns>Whole sentences; null when there is no reason.</returns>
    public async Task<string?> FindSettingsProblemAsync(
        string publicKeyPem, DateTimeOffset? settingsSignedAt, CancellationToken cancellationToken)
    {
        var files = await Store.ListAsync($"{Id.Name}/", cancellationToken);
        if (files.Any(file => file.Size > SettingsFile.MaxSize && StoredModel.IsSettings(Id.Name, file)))
            return $"A settings file of {Id.Name} is larger than {SettingsFile.MaxSize} bytes, the maximum.";
        var settings = await StoredModel.ReadSettingsAsync(Store, Id.Name, files, cancellationToken);
        return CreatePolicy(publicKeyPem).FindSettingsProblem(Id.Name, settings, settingsSignedAt);
    }

    /// <summary>Creates the policy of a server with the key, whose messages name the option of this command.</summary>
    /// <param name="publicKeyPem">The key; null for no key.</param>
    public static TrustPolicy CreatePolicy(string? publicKeyPem) =>
        new(RequireManifest: false, publicKeyPem) { PublicKeySource = PublicKeyOption };

    private static ModelManifest ParseManifest(byte[] manifest)
    {
        try
        {
            return ModelManifest.Parse(manifest);
        }
        catch (FileProblemsException e)
        {
            throw new CliException(e.Message, cause: e);
        }
    }

    /// <returns>The statement of this version; null when a problem was added to <paramref name="problems"/>.</returns>
    private async Task<SignedStatement?> OpenStatementAsync(
        string publicKeyPem, List<string> problems, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadAsync(SignedStatement.VersionFileName, StatementBundle.MaxSize, cancellationToken) is not { } bundle)
            {
                problems.Add($"{SignedStatement.VersionFileName} does not exist, so the version is not signed.");
            }
            else if (StatementBundle.Verify(bundle, SignedStatement.VersionFileName, publicKeyPem, PublicKeyOption) is var statement
                && statement.Subject == $"{Id}")
            {
                return statement;
            }
            else
            {
                problems.Add($"{SignedStatement.VersionFileName} was signed for {ProblemText.Quote(statement.Subject)}, not for \"{Id}\".");
            }
        }
        catch (FileProblemsException e)
        {
            problems.Add(e.Message);
        }
        catch (ArgumentException e)
        {
            throw CliException.CreateUsageError(e.Message);
        }

        return null;
    }

    /// <summary>Reads a file of the version; null when the version has no such file.</summary>
    /// <exception cref="CliException">The file exceeds the size that a server would read.</exception>
    private async Task<byte[]?> ReadAsync(string name, int maxSize, CancellationToken cancellationToken)
    {
        if (!Files.Any(file => GetName(file) == name))
            return null;
        await using var stream = await OpenAsync(name, cancellationToken);
        var content = new byte[maxSize + 1];
        var length = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= maxSize
            ? content[..length]
            : throw new CliException($"{name} of {Id} is larger than {maxSize} bytes, the maximum.");
    }

    private async Task<string> HashAsync(string name, CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(name, cancellationToken);
        return await FileHash.ComputeAsync(stream, cancellationToken);
    }
}
