using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.HuggingFace;

namespace Inference.Repository.Layout;

/// <summary>A version in the folder of a model.</summary>
/// <param name="Folder">
/// The name of the version's folder, which may have leading zeros; empty when the version's files are directly in the model's folder.
/// </param>
/// <param name="Number">The number of the version, from 1.</param>
/// <param name="File">The model file, relative to the version's folder.</param>
public sealed record VersionLocation(long Number, string Folder, string File)
{
    /// <summary>Whether the version's files are directly in the model's folder.</summary>
    public bool IsRoot => Folder.Length == 0;

    /// <summary>The model file, relative to the model's folder.</summary>
    internal string Path => IsRoot ? File : $"{Folder}/{File}";
}

/// <summary>The versions in the folder of a model, and the files that look like a version but cannot be served.</summary>
public sealed record ModelLayout(IReadOnlyList<VersionLocation> Versions, IReadOnlyList<ListedProblem> Problems)
{
    /// <summary>
    /// The files of a Hugging Face folder that describe the model. The server reads these files only if they are in the version's folder.
    /// </summary>
    private static readonly string[] HuggingFaceFiles =
        [HuggingFaceConfig.File, HuggingFaceTextSettings.TokenizerFile, HuggingFaceImageSettings.File];

    /// <summary>Whether <see cref="Read"/> needs the name of the model file in the settings.</summary>
    /// <param name="paths">The files in the model's folder, relative to it, with <c>/</c> between folders.</param>
    public static bool DependsOnSettings(IReadOnlyCollection<string> paths) =>
        RootVersion.IsIn(paths) ? ModelFileName.DependsOnSettings(paths) : GroupByFolder(paths).Any(folder =>
        ModelVersion.TryParseNumber(folder.Key, out _) && ModelFileName.DependsOnSettings([.. folder]));

    /// <summary>Finds the versions in the folder of a model, and the problems with its version folders.</summary>
    /// <param name="model">The name of the model's folder.</param>
    /// <param name="paths">The files in the model's folder, relative to it, with <c>/</c> between folders.</param>
    /// <param name="configuredFile">The model file that the model's settings specify; null when the settings specify no file.</param>
    public static ModelLayout Read(string model, IReadOnlyCollection<string> paths, string? configuredFile)
    {
        if (RootVersion.IsIn(paths))
            return ReadRoot(model, paths, configuredFile);
        var (versions, problems) = (new List<VersionLocation>(), new List<ListedProblem>());
        foreach (var folders in GroupByFolder(paths)
            .GroupBy(folder => ModelVersion.TryParseNumber(folder.Key, out var number) ? number : 0).OrderBy(group => group.Key))
        {
            if (folders.Key == 0)
                continue;
            var names = folders.Select(folder => folder.Key).Order(StringComparer.Ordinal).ToList();
            if (names.Count > 1)
            {
                var duplicates = string.Join(" and ", names.Select(name => ProblemText.Quote($"{model}/{name}")));
                problems.Add(
                    new ListedProblem(model, folders.Key, $"{duplicates} are both version {folders.Key}. Remove or rename all but one."));
            }
            else if (ModelFileName.Choose([.. folders.First()], configuredFile, $"{model}/{names[0]}", out var problem) is { } file)
            {
                versions.Add(new VersionLocation(folders.Key, names[0], file));
            }
            else
            {
                problems.Add(new ListedProblem(model, folders.Key, problem!));
            }
        }

        return new ModelLayout(versions, problems);
    }

    private static ModelLayout ReadRoot(string model, IReadOnlyCollection<string> paths, string? configuredFile) =>
        ModelFileName.Choose(paths, configuredFile, model, out var problem) is { } file
            ? new ModelLayout([new VersionLocation(RootVersion.Number, "", file)], [])
            : new ModelLayout([], [new ListedProblem(model, RootVersion.Number, problem!)]);

    /// <summary>Describes why an entry at the root of a store is not a model; returns null for entries that are ignored.</summary>
    /// <param name="name">The name of a folder or file.</param>
    /// <param name="isFolder">Whether the entry is a folder.</param>
    public static ListedProblem? FindRootProblem(string name, bool isFolder)
    {
        if (name.StartsWith('.') || name is "lost+found")
            return null;
        var model = isFolder
            ? name
            : name.EndsWith(OnnxFileName.Extension, StringComparison.OrdinalIgnoreCase) ? name[..^OnnxFileName.Extension.Length] : null;
        if (model is null)
        {
            return UnsupportedFormats.FindProblem([name]) is { } format
                ? new ListedProblem(name, null, $"{format} Put it at \"<model>/1/{ModelVersion.ModelFileName}\".")
                : null;
        }

        if (ModelName.TryParse(model, out _))
        {
            return isFolder || name.EndsWith(OnnxFileName.Extension, StringComparison.Ordinal) ? null
                : new ListedProblem(name, null,
                    $"{ProblemText.Quote(name)} is not served, because its extension is not {OnnxFileName.Extension}. Rename it to "
                    + $"\"{model}{OnnxFileName.Extension}\".");
        }

        return new ListedProblem(
            name, null,
            $"{ProblemText.Quote(model)} is not the name of a model: a name is 1 to {ModelName.MaxLength} of A-Z a-z 0-9 . _ - and starts with "
            + "a letter or digit. Rename it.");
    }

    /// <summary>Describes the entries at the root of a store that are not models.</summary>
    /// <param name="paths">All files of the store, with <c>/</c> between folders.</param>
    public static IEnumerable<ListedProblem> FindRootProblems(IEnumerable<string> paths) => paths
        .Select(path => path.Split('/'))
        .Select(parts => (Name: parts[0], IsFolder: parts.Length > 1))
        .Distinct()
        .Select(entry => FindRootProblem(entry.Name, entry.IsFolder))
        .OfType<ListedProblem>();

    /// <summary>
    /// Returns the layout with a bare model file <c>&lt;model&gt;.onnx</c> beside the folder. The bare file is version 1 too. If the folder
    /// also has version 1, neither of the two is served.
    /// </summary>
    /// <param name="model">The name of the model's folder.</param>
    public ModelLayout WithBareFile(string model)
    {
        if (Versions.FirstOrDefault(version => version.Number == 1) is not { } folder)
            return this;
        var duplicates = $"{ProblemText.Quote(model + OnnxFileName.Extension)} and {ProblemText.Quote($"{model}/{folder.Path}")}";
        return new ModelLayout(
            [.. Versions.Where(version => version != folder)],
            [.. Problems,
                new ListedProblem(model, 1, $"{duplicates} are both version 1. Remove one, or move it to the folder of another version.")]);
    }

    /// <summary>
    /// Finds the model files outside of version folders. If there are none, reports a folder with files but no version.
    /// </summary>
    /// <param name="model">The name of the model's folder.</param>
    /// <param name="paths">The files in the model's folder, relative to it, with <c>/</c> between folders.</param>
    /// <param name="usedVersions">All versions of the model, including a bare file and versions that cannot be served.</param>
    public static IEnumerable<ListedProblem> FindMisplaced(
        string model, IReadOnlyCollection<string> paths, IReadOnlyCollection<long> usedVersions)
    {
        var isRoot = RootVersion.IsIn(paths);
        var outside = paths.Where(path => !path.StartsWith('.') && !(isRoot && ModelFileName.IsCandidate(path))
            && !ModelVersion.TryParseNumber(path.Split('/')[0], out _)).ToList();
        var files = outside.Where(OnnxFileName.IsModel).Order(StringComparer.Ordinal).ToList();
        var freeVersion = usedVersions.DefaultIfEmpty(0).Max() + 1;
        if (files.Count > 0)
        {
            return files.GroupBy(file => file.Split('/') is [var folder, _, ..] ? folder : null)
                .Select((group, index) =>
                    new ListedProblem(model, null, DescribeMisplaced(model, group.Key, group.First(), freeVersion + index)));
        }

        return usedVersions.Count > 0 || isRoot || paths.Count == 0 ? [] : [new ListedProblem(
            model, null,
            $"{ProblemText.Quote(model)} has no version folder. {UnsupportedFormats.FindProblem(outside) ?? $"It has {ModelFileName.FormatNames(outside)}."} "
            + (HuggingFaceFiles.FirstOrDefault(outside.Contains) is { } settingsFile
                ? $"Put the ONNX model at \"{model}/{ModelFileName.UsualInSubfolder}\". The server reads {settingsFile}, which describes the "
                    + "model."
                : $"Put the model at \"{model}/{freeVersion}/{ModelVersion.ModelFileName}\"."))];
    }

    /// <summary>Describes the problem with a model's folder that contains no file.</summary>
    public static ListedProblem DescribeEmptyFolder(string model) => new(
        model, null, $"{ProblemText.Quote(model)} has no model file. Put the model at \"{model}/1/{ModelVersion.ModelFileName}\".");

    private static string DescribeMisplaced(string model, string? folder, string file, long freeVersion) =>
        folder is null or ModelFileName.Subfolder
        ? $"{ProblemText.Quote($"{model}/{file}")} is in no version folder. Move the files of the model to \"{model}/{freeVersion}/\"."
        : $"{ProblemText.Quote($"{model}/{folder}")} has {ProblemText.Quote(file)}, but its name is not a version: versions are whole numbers from "
            + $"1. Rename it, for example to \"{model}/{freeVersion}\".";

    /// <summary>Groups the files by the subfolders of the model's folder.</summary>
    private static IEnumerable<IGrouping<string, string>> GroupByFolder(IEnumerable<string> paths) => paths
        .Select(path => (Path: path, Slash: path.IndexOf('/', StringComparison.Ordinal)))
        .Where(path => path.Slash > 0)
        .GroupBy(path => path.Path[..path.Slash], path => path.Path[(path.Slash + 1)..]);
}
