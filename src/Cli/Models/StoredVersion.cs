using Cli.Models.Stores;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>A version in a store, and whether it is what its manifest says.</summary>
internal sealed class StoredVersion(IModelFiles store, ModelId id, IReadOnlyList<StoredFile> files)
{
    private readonly string _folder = FolderOf(id);

    public static async Task<StoredVersion> FindAsync(IModelFiles store, ModelName name, long? version, CancellationToken cancellationToken)
    {
        var id = await StoreOptions.ChooseAsync(store, name, version, cancellationToken);
        return new StoredVersion(store, id, await store.ListAsync(FolderOf(id), cancellationToken));
    }

    public ModelId Id => id;

    public IModelFiles Store => store;

    /// <summary>The model file first: when it is gone, so is the version.</summary>
    public IEnumerable<StoredFile> Files => files.OrderBy(file => NameOf(file) == ModelVersion.ModelFileName ? 0 : 1);

    public string NameOf(StoredFile file) => file.Path[_folder.Length..];

    public Task<Stream> OpenAsync(string name, CancellationToken cancellationToken) => store.OpenReadAsync(_folder + name, cancellationToken);

    /// <param name="publicKeyPem">Whose signature there must be; null when none is asked for.</param>
    /// <returns>All that is wrong.</returns>
    /// <exception cref="CliException">There is no manifest, or what is there is none.</exception>
    public async Task<List<string>> VerifyAsync(string? publicKeyPem, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(ModelManifest.FileName, cancellationToken)
            ?? throw new CliException($"{id} has no {ModelManifest.FileName} to be held against. Versions that models push stored have one.");
        var problems = new List<string>();
        if (publicKeyPem is not null)
            await CheckSignatureAsync(bytes, publicKeyPem, problems, cancellationToken);
        var names = files.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in Parse(bytes).Entries)
        {
            if (!names.Remove(entry.Name))
                problems.Add($"{entry.Name} is listed, but not there.");
            else if (await HashAsync(entry.Name, cancellationToken) != entry.Sha256)
                problems.Add($"{entry.Name} is not the file that is listed.");
        }

        names.ExceptWith([ModelManifest.FileName, ManifestSignature.FileName]);
        problems.AddRange(names.Order(StringComparer.Ordinal).Select(name => $"{name} is there, but not listed."));
        return problems;
    }

    private static string FolderOf(ModelId id) => $"{id.Name}/{id.Version}/";

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

    private async Task CheckSignatureAsync(byte[] manifest, string publicKeyPem, List<string> problems, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadAsync(ManifestSignature.FileName, cancellationToken) is not { } signature)
                problems.Add($"{ManifestSignature.FileName} is not there: the manifest is not signed.");
            else if (!ManifestSignature.IsValid(manifest, signature, publicKeyPem))
                problems.Add($"{ManifestSignature.FileName} is no signature of the manifest by this key.");
        }
        catch (ArgumentException e)
        {
            throw CliException.Usage(e.Message);
        }
    }

    /// <summary>Null when there is no such file.</summary>
    private async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (!files.Any(file => NameOf(file) == name))
            return null;
        await using var stream = await OpenAsync(name, cancellationToken);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellationToken);
        return content.ToArray();
    }

    private async Task<string> HashAsync(string name, CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(name, cancellationToken);
        return await FileHash.OfAsync(stream, cancellationToken);
    }
}
