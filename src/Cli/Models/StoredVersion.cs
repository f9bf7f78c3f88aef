using Cli.Models.Stores;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>A version in a store, and its verification against its manifest or signed statement.</summary>
internal sealed class StoredVersion(IModelFiles store, StoredModel model, LaidVersion version)
{
    private readonly string _folder = $"{model.Name}/{version.Folder}/";

    public static async Task<StoredVersion> FindAsync(IModelFiles store, ModelName name, long? number, CancellationToken cancellationToken)
    {
        var model = await StoredModel.ReadAsync(store, name, cancellationToken);
        return new StoredVersion(store, model, model.Choose(store, number));
    }

    public ModelId Id { get; } = new(model.Name, version.Number);

    /// <summary>The model file, relative to the version's folder.</summary>
    public string ModelFile => version.File;

    public IModelFiles Store => store;

    /// <summary>The files, the model file first: without it, the version no longer exists.</summary>
    public IEnumerable<StoredFile> Files => model.Files
        .Where(file => file.Path.StartsWith(_folder, StringComparison.Ordinal)).OrderBy(file => NameOf(file) == ModelFile ? 0 : 1);

    public string NameOf(StoredFile file) => file.Path[_folder.Length..];

    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) =>
        store.OpenReadAsync(_folder + name, cancellationToken);

    /// <param name="publicKeyPem">The key that must have signed the version; null to compare the files with the manifest only.</param>
    /// <returns>All problems.</returns>
    /// <exception cref="CliException">The version has neither a manifest nor a statement.</exception>
    public async Task<List<string>> VerifyAsync(string? publicKeyPem, CancellationToken cancellationToken)
    {
        var manifest = await ReadAsync(ModelManifest.FileName, ModelManifest.MaxSize, cancellationToken);
        if (manifest is null && publicKeyPem is null)
            throw new CliException($"{Id} has no {ModelManifest.FileName} to compare it with. Versions that models push stored have one.");
        var problems = new List<string>();
        var listed = new List<ManifestEntry>();
        if (manifest is not null)
            listed.AddRange(Parse(manifest).Entries);
        if (publicKeyPem is not null)
            listed.AddRange(await OpenStatementAsync(publicKeyPem, problems, cancellationToken));
        if (problems.Count > 0)
            return problems;
        var names = Files.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        foreach (var entries in listed.GroupBy(entry => entry.Name))
        {
            if (!names.Remove(entries.Key))
                problems.Add($"{entries.Key} is listed, but not there.");
            else if (await HashAsync(entries.Key, cancellationToken) is var digest && entries.Any(entry => entry.Sha256 != digest))
                problems.Add($"{entries.Key} is not the file that is listed.");
        }

        names.ExceptWith(ManifestVerifier.Unlisted);
        problems.AddRange(names.Order(StringComparer.Ordinal).Select(name => $"{name} is there, but not listed."));
        return problems;
    }

    private static ModelManifest Parse(byte[] manifest)
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

    /// <returns>The files that are signed for this version; empty when there is a problem.</returns>
    private async Task<IReadOnlyList<ManifestEntry>> OpenStatementAsync(
        string publicKeyPem, List<string> problems, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadAsync(SignedStatement.VersionFileName, StatementBundle.MaxSize, cancellationToken) is not { } bundle)
            {
                problems.Add($"{SignedStatement.VersionFileName} is not there: the version is not signed.");
            }
            else if (StatementBundle.Open(bundle, SignedStatement.VersionFileName, publicKeyPem) is var statement
                && statement.Subject == $"{Id}")
            {
                return statement.Files;
            }
            else
            {
                problems.Add($"{SignedStatement.VersionFileName} was signed for {Wording.Quote(statement.Subject)}, not for \"{Id}\".");
            }
        }
        catch (FileProblemsException e)
        {
            problems.Add(e.Message);
        }
        catch (ArgumentException e)
        {
            throw CliException.Usage(e.Message);
        }

        return [];
    }

    /// <summary>Reads a file; null when it does not exist.</summary>
    /// <exception cref="CliException">The file exceeds the size that a server would read.</exception>
    private async Task<byte[]?> ReadAsync(string name, int maxSize, CancellationToken cancellationToken)
    {
        if (!Files.Any(file => NameOf(file) == name))
            return null;
        await using var stream = await OpenAsync(name, cancellationToken);
        var content = new byte[maxSize + 1];
        var length = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= maxSize
            ? content[..length]
            : throw new CliException($"{name} of {Id} has more than the {maxSize} bytes that are read.");
    }

    private async Task<string> HashAsync(string name, CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(name, cancellationToken);
        return await FileHash.OfAsync(stream, cancellationToken);
    }
}
