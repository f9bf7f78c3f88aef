using System.Text;
using Cli.Models.Stores;
using Cli.Output;
using Inference;
using Inference.Models;
using Inference.Models.Files;
using Inference.Models.Settings;
using Inference.Repository;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>The files of a version on this machine, before they are copied to a store.</summary>
/// <param name="Folder">The folder of the version on this machine.</param>
/// <param name="Files">The files in the order of copying, the model file last.</param>
/// <param name="Manifest">The content of the manifest, which lists the name and hash of each file.</param>
internal sealed record VersionSource(string Folder, IReadOnlyList<SourceFile> Files, byte[] Manifest)
{
    /// <summary>The model file, relative to the version's folder.</summary>
    public string ModelFile => Files[^1].Name;

    /// <summary>The paths of the files, for checks of their contents.</summary>
    public IReadOnlyCollection<VersionFilePath> Paths =>
        [.. Files.Select(file => new VersionFilePath(file.Name, file.File.FullName, file.File.FullName))];

    /// <summary>The number of files in the source that are not part of the version, such as other variants of the model.</summary>
    private int LeftOutCount { get; init; }

    /// <summary>
    /// The values of <c>--variant</c> that choose another model file, as a text such as <c>--variant fp32 or fp16</c>. Empty when the user
    /// or the settings chose the model file, or when there is no other model file.
    /// </summary>
    private string OtherVariants { get; init; } = "";

    /// <summary>Reads a version from its source, and verifies or generates its manifest.</summary>
    /// <param name="source">The source on the command line, for messages.</param>
    /// <param name="folder">The folder of the source: see <see cref="FindFolder"/>.</param>
    /// <param name="workFolder">The folder for generated files.</param>
    /// <exception cref="CliException">The source is not a model, or does not match its manifest.</exception>
    public static async Task<VersionSource> ReadAsync(
        string source, string folder, SourceChoice choice, string workFolder, CancellationToken cancellationToken)
    {
        var names = ListFiles(folder);
        ThrowIfRemote(source, folder, names);
        var hiddenCount = 0;
        // Settings are stored in the model's folder, and hidden files are not pushed. But a manifest or a statement can list such files.
        if (!names.Exists(ManifestVerifier.FilesWithoutDigest.Contains))
        {
            names.RemoveAll(SettingsFile.Names.Contains);
            hiddenCount = names.RemoveAll(IsHidden);
        }

        var modelFile = choice.FindModel(names, source);
        var selected = SelectFiles(names, modelFile, choice.Variant is not null);
        folder = HubSnapshot.Copy(folder, selected, workFolder);
        var files = await HashAsync(folder, selected, cancellationToken);
        if (choice.LabelsPath is { } labels)
        {
            if (names.Find(ManifestVerifier.FilesWithoutDigest.Contains) is { } listFile)
            {
                throw CliException.CreateUsageError(
                    $"--labels would change the files of {source}, which must match its {listFile}. Leave out --labels.");
            }

            files.RemoveAll(file => file.Name == ModelVersion.LabelsFileName);
            files.Add(await SourceFile.ReadAsync(ModelVersion.LabelsFileName, labels, cancellationToken));
        }

        var version = await CreateAsync(folder, modelFile, files, workFolder, cancellationToken);
        return version with
        {
            LeftOutCount = hiddenCount + names.Count - selected.Count,
            OtherVariants = choice is { Variant: null, ConfiguredFile: null } ? ModelVariant.DescribeChoices(names, except: modelFile) : "",
        };
    }

    /// <summary>Writes how many files of the source are not pushed, and how to choose another model file.</summary>
    public void WriteNotes()
    {
        if (LeftOutCount > 0)
        {
            SafeConsole.WriteError(
                $"{Counted.Text(LeftOutCount, "file")} of other variants, formats and tools, or with a hidden name, "
                + $"{(LeftOutCount == 1 ? "is" : "are")} not pushed.");
        }

        if (OtherVariants.Length > 0)
            SafeConsole.WriteError($"The model is \"{ModelFile}\". To push another, add {OtherVariants}.");
    }

    /// <summary>Finds the folder with the files of a version.</summary>
    /// <param name="source">A folder with a model file, a model file, or a repository in the cache of Hugging Face's hub.</param>
    /// <param name="workFolder">The folder for generated files.</param>
    /// <exception cref="CliException">The source does not exist, has a pipe, socket or device, or lacks its weights.</exception>
    public static string FindFolder(string source, string workFolder)
    {
        if (File.Exists(source))
        {
            ThrowIfSpecial(new FileInfo(source));
            // The file is copied to an empty folder, so that the check does not use the files next to it.
            var copyFolder = Directory.CreateDirectory(Path.Combine(workFolder, "version")).FullName;
            File.Copy(source, Path.Combine(copyFolder, ModelVersion.ModelFileName));
            ThrowIfWeightsAreLeftOut(source);
            return copyFolder;
        }

        var folder = Directory.Exists(source) ? source : HubSnapshot.FindCached(source)
            ?? throw CliException.CreateUsageError(
                $"{source} is neither a model file nor a folder with a {ModelVersion.ModelFileName}, nor a repository in the cache of "
                + "Hugging Face's hub.");
        folder = HubSnapshot.FindSnapshot(folder);
        foreach (var name in ListFiles(folder).Where(name => !IsHidden(name)))
            ThrowIfSpecial(new FileInfo(Path.Combine(folder, name)));
        return folder;
    }

    /// <summary>Throws for a folder without a model file whose settings name another server, which runs the model.</summary>
    private static void ThrowIfRemote(string source, string folder, List<string> names)
    {
        const string Settings = SettingsFile.RemoteModelFileName;
        if (names.Contains(Settings) && !names.Exists(ModelFileName.IsCandidate)
            && SettingsFile.HasRemoteKey(File.ReadAllBytes(Path.Combine(folder, Settings))))
        {
            throw CliException.CreateUsageError(
                $"{source} has no model file, because its {Settings} names another server. Such a model is not pushed: copy the file to "
                + $"<store>/<name>/{Settings}.");
        }
    }

    /// <summary>Throws if a file is a pipe, a socket or a device. Other checks report broken links.</summary>
    private static void ThrowIfSpecial(FileInfo file)
    {
        if (FolderBoundary.GetRealPath(file.FullName) is not null && FolderBoundary.FindSpecialFile(file) is { } problem)
            throw CliException.CreateUsageError($"{file.FullName} cannot be used: {problem} Replace it with a file, or remove it.");
    }

    /// <summary>Whether the name of a file, or of a folder on the way to it, begins with a dot.</summary>
    private static bool IsHidden(string name) => name.Split('/').Any(part => part.StartsWith('.'));

    /// <summary>
    /// Selects the files of the version. From a Hugging Face folder, only the chosen model file and the files that belong to it are
    /// selected. All files are selected from any other folder, and from a folder with a manifest or a signed statement, which can list all
    /// files.
    /// </summary>
    private static List<string> SelectFiles(List<string> names, string modelFile, bool hasVariant)
    {
        var isHuggingFace = hasVariant || modelFile.Contains('/', StringComparison.Ordinal) || names.Contains("config.json");
        return isHuggingFace && !names.Exists(ManifestVerifier.FilesWithoutDigest.Contains)
            ? [.. RootVersion.ChooseFiles(names, modelFile)]
            : names;
    }

    /// <summary>Creates the version, and adds the manifest and, if there is one, the signed statement to its files.</summary>
    private static async Task<VersionSource> CreateAsync(
        string folder, string modelFile, List<SourceFile> files, string workFolder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, ModelManifest.FileName);
        var isGenerated = !File.Exists(path);
        var manifest = isGenerated ? CreateManifest(files) : await ReadManifestAsync(folder, path, cancellationToken);
        if (isGenerated)
            await File.WriteAllBytesAsync(path = Path.Combine(workFolder, ModelManifest.FileName), manifest, cancellationToken);
        var model = files.Single(file => file.Name == modelFile);
        files.Remove(model);
        files.Add(await SourceFile.ReadAsync(ModelManifest.FileName, path, cancellationToken));
        var statement = Path.Combine(folder, SignedStatement.VersionFileName);
        if (File.Exists(statement))
            files.Add(await SourceFile.ReadAsync(SignedStatement.VersionFileName, statement, cancellationToken));
        return new VersionSource(folder, [.. files, model], manifest);
    }

    /// <summary>Reads the manifest, and compares the files of the folder with it.</summary>
    private static async Task<byte[]> ReadManifestAsync(string folder, string path, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await File.ReadAllBytesAsync(path, cancellationToken);
            var problems = await ManifestVerifier.VerifyAsync(ModelManifest.Parse(manifest), folder, cancellationToken);
            return problems.Count == 0
                ? manifest
                : throw CliException.CreateUsageError($"{folder} does not match its manifest: {string.Join(' ', problems)}");
        }
        catch (FileProblemsException e)
        {
            throw CliException.CreateUsageError(e.Message, e);
        }
    }

    /// <summary>
    /// Hashes the files of a folder, in the order of their names. The manifest, its signature and the signed statement are left out,
    /// because no manifest or statement lists them.
    /// </summary>
    /// <exception cref="CliException">A file is a link, a pipe, a socket or a device.</exception>
    public static Task<List<SourceFile>> HashAsync(string folder, CancellationToken cancellationToken) =>
        HashAsync(folder, ListFiles(folder), cancellationToken);

    private static async Task<List<SourceFile>> HashAsync(
        string folder, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var files = new List<SourceFile>();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var file = new FileInfo(Path.Combine(folder, name));
            if (file.LinkTarget is not null)
                throw CreateLinkError(file);
            ThrowIfSpecial(file);
            if (!ManifestVerifier.FilesWithoutDigest.Contains(name))
                files.Add(await SourceFile.ReadAsync(name, file.FullName, cancellationToken));
        }

        return files;
    }

    /// <summary>Creates the error for a link in a folder that is not a snapshot.</summary>
    public static CliException CreateLinkError(FileInfo file) => CliException.CreateUsageError(
        $"{file.FullName} is a link; a model's files must be in its folder. Copy the folder with the targets of its links: cp -rL.");

    /// <summary>Throws if files beside a model file hold its weights, because only the model file would be pushed.</summary>
    private static void ThrowIfWeightsAreLeftOut(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (ExternalData.FindFiles(file, CancellationToken.None)?.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)))
            is { } weights)
        {
            throw CliException.CreateUsageError(
                $"{file} has weights in other files, such as \"{Quote.Shorten(weights)}\", and a push of the model file leaves them out. "
                + "Put the model file and these files into a folder of their own, and push the folder.");
        }
    }

    private static List<string> ListFiles(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))];

    private static byte[] CreateManifest(IEnumerable<SourceFile> files) =>
        Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n")));
}

/// <summary>The options and settings that decide which files become the version.</summary>
/// <param name="ConfiguredFile">The model file that the model's settings specify; null when they specify none.</param>
/// <param name="SettingsLocation">"the store" or "the folder", for messages about these settings.</param>
/// <param name="Variant">The value of <c>--variant</c>; null without the option.</param>
/// <param name="LabelsPath">The path of the file that becomes the version's labels; null to keep the labels of the source.</param>
internal sealed record SourceChoice(string? ConfiguredFile, string SettingsLocation, string? Variant, string? LabelsPath)
{
    /// <summary>Returns the name of the model file.</summary>
    /// <param name="names">The files of the source, relative to its folder, with <c>/</c> between folders.</param>
    /// <exception cref="CliException">
    /// No file fits, several files fit, or the variant is not the file that the settings specify.
    /// </exception>
    public string FindModel(IReadOnlyCollection<string> names, string source)
    {
        if (Variant is null)
        {
            if (ModelFileName.Choose(names, ConfiguredFile, source, out var problem) is { } chosen)
                return chosen;
            throw CliException.CreateUsageError(ConfiguredFile is null && names.Any(ModelFileName.IsCandidate)
                ? $"{source} has no {ModelVersion.ModelFileName}, but several model files. "
                    + $"Choose one: {ModelVariant.DescribeChoices(names)}."
                : $"{source} is neither a model file nor a folder with a {ModelVersion.ModelFileName}. {problem}");
        }

        var file = ModelVariant.Choose(names, Variant, source);
        return ConfiguredFile is null || ConfiguredFile == file ? file : throw CliException.CreateUsageError(
            $"--variant chooses \"{file}\", but the model's settings in {SettingsLocation} specify \"{ConfiguredFile}\". Change \"file\" "
            + "there, or leave out --variant.");
    }
}

/// <summary>A file that becomes part of a version.</summary>
/// <param name="Name">The name, relative to the version's folder, with <c>/</c> between folders.</param>
/// <param name="Sha256">The SHA-256 of the content: 64 lower-case hexadecimal digits.</param>
internal sealed record SourceFile(string Name, FileInfo File, string Sha256)
{
    /// <summary>Creates the entry of a file, with its hash.</summary>
    public static async Task<SourceFile> ReadAsync(string name, string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        // The length of a link would be the length of its target's path, so the target is used.
        if (file.LinkTarget is not null && FolderBoundary.GetRealPath(file.FullName) is { } realPath)
            file = new FileInfo(realPath);
        return new SourceFile(name, file, await FileHash.ComputeAsync(file, cancellationToken));
    }
}
