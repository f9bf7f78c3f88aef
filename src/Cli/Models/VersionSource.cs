using System.Text;
using Cli.Models.Stores;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>A version on this machine before it is stored. Its files are in the order of copying, the model file last.</summary>
internal sealed record VersionSource(string ModelPath, IReadOnlyList<SourceFile> Files, byte[] Manifest)
{
    /// <summary>The model file, relative to the version's folder.</summary>
    public string ModelFile => Files[^1].Name;

    /// <param name="source">A folder with a model file, or a model file.</param>
    /// <param name="named">The model file that the settings of the model in the store name; null when they name none.</param>
    /// <param name="workFolder">The folder for generated files.</param>
    /// <exception cref="CliException">The source is not a model, or does not match its manifest.</exception>
    public static async Task<VersionSource> ReadAsync(string source, string? named, string workFolder, CancellationToken cancellationToken)
    {
        var folder = source;
        if (File.Exists(source))
        {
            // The file is checked alone, as it will be stored, so that it cannot depend on files that are beside it by chance.
            folder = Directory.CreateDirectory(Path.Combine(workFolder, "version")).FullName;
            File.Copy(source, Path.Combine(folder, ModelVersion.ModelFileName));
        }

        if (!Directory.Exists(folder))
            throw CliException.Usage($"{source} is neither a model file nor a folder with a {ModelVersion.ModelFileName}.");
        folder = HubSnapshot.Copy(folder, workFolder) ?? folder;
        var files = await HashAsync(folder, cancellationToken);
        var file = ModelFileName.Choose([.. files.Select(file => file.Name)], named, source, out var problem)
            ?? throw CliException.Usage($"{source} is neither a model file nor a folder with a {ModelVersion.ModelFileName}. {problem}");
        return await WithManifestAsync(folder, file, files, workFolder, cancellationToken);
    }

    private static async Task<VersionSource> WithManifestAsync(
        string folder, string modelFile, List<SourceFile> files, string workFolder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, ModelManifest.FileName);
        var isMade = !File.Exists(path);
        var manifest = isMade ? Write(files) : await CheckAsync(folder, path, cancellationToken);
        if (isMade)
            await File.WriteAllBytesAsync(path = Path.Combine(workFolder, ModelManifest.FileName), manifest, cancellationToken);
        var model = files.Single(file => file.Name == modelFile);
        files.Remove(model);
        files.Add(await SourceFile.ReadAsync(ModelManifest.FileName, path, cancellationToken));
        var statement = Path.Combine(folder, SignedStatement.VersionFileName);
        if (File.Exists(statement))
            files.Add(await SourceFile.ReadAsync(SignedStatement.VersionFileName, statement, cancellationToken));
        return new VersionSource(Path.Combine(folder, modelFile), [.. files, model], manifest);
    }

    private static async Task<byte[]> CheckAsync(string folder, string path, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await File.ReadAllBytesAsync(path, cancellationToken);
            var problems = await ManifestVerifier.VerifyAsync(ModelManifest.Parse(manifest), folder, cancellationToken);
            return problems.Count == 0
                ? manifest
                : throw new CliException($"{folder} does not match its manifest: {string.Join(' ', problems)}");
        }
        catch (FileProblemsException e)
        {
            throw new CliException(e.Message, cause: e);
        }
    }

    /// <summary>Hashes the files of a folder that belong in a manifest or a statement, in the order of their names.</summary>
    /// <exception cref="CliException">A file is a link.</exception>
    public static async Task<List<SourceFile>> HashAsync(string folder, CancellationToken cancellationToken)
    {
        var files = new List<SourceFile>();
        foreach (var file in new DirectoryInfo(folder)
            .EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, file.FullName).Replace('\\', '/');
            if (file.LinkTarget is not null)
            {
                throw new CliException(
                    $"{file.FullName} is a link; a model's files must be in its folder. Copy the targets of its links, too: cp -rL.");
            }

            if (!ManifestVerifier.Unlisted.Contains(name))
                files.Add(await SourceFile.ReadAsync(name, file.FullName, cancellationToken));
        }

        return files;
    }

    private static byte[] Write(IEnumerable<SourceFile> files) =>
        Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n")));
}

/// <summary>A file of a version on this machine.</summary>
/// <param name="Name">Relative to the version's folder, with <c>/</c> between folders.</param>
internal sealed record SourceFile(string Name, FileInfo File, string Sha256)
{
    public static async Task<SourceFile> ReadAsync(string name, string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        return new SourceFile(name, file, await FileHash.OfAsync(file, cancellationToken));
    }
}
