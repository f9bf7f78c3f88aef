using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Triton;

namespace Inference.Repository.Layout;

/// <summary>Chooses the model file of a version.</summary>
public static class ModelFileName
{
    /// <summary>The folder that Hugging Face's exporters use for the models of a repository.</summary>
    public const string Subfolder = "onnx";

    /// <summary>The usual model file in <see cref="Subfolder"/>.</summary>
    public const string UsualInSubfolder = $"{Subfolder}/{ModelVersion.ModelFileName}";

    private const int MaxListed = 8;

    /// <summary>
    /// Whether the settings can choose the model file: the version has a model file other than <c>model.onnx</c>.
    /// </summary>
    /// <param name="names">The files of the version, relative to its folder.</param>
    public static bool DependsOnSettings(IReadOnlyCollection<string> names) =>
        names.Any(name => name != ModelVersion.ModelFileName && OnnxFileName.IsModel(name));

    /// <summary>
    /// Chooses the file that the settings specify. If the settings specify no file, chooses the first of these that the version has:
    /// <c>model.onnx</c>; <c>onnx/model.onnx</c>, if no model is outside <c>onnx/</c>; the only <c>*.onnx</c> in the version's folder and
    /// in <c>onnx/</c>. If the named file does not exist, <c>model.onnx</c> is chosen when it is the only model. Otherwise the missing file
    /// is a problem.
    /// </summary>
    /// <param name="names">The files of the version, relative to its folder, with <c>/</c> between folders.</param>
    /// <param name="configuredFile">The name in the settings; null when the settings specify no file.</param>
    /// <param name="folder">The version's folder, for the problem.</param>
    /// <param name="problem">Why no file was chosen; null when a file was chosen.</param>
    /// <returns>The file's name; null when no file was chosen.</returns>
    public static string? Choose(IReadOnlyCollection<string> names, string? configuredFile, string folder, out string? problem)
    {
        problem = null;
        if (configuredFile is not null && Find(names, configuredFile) is { } found)
            return found;
        // If model.onnx is the only model, the name in the settings is ignored. The version may be older than that setting.
        if ((configuredFile is null || !DependsOnSettings(names)) && Find(names, ModelVersion.ModelFileName) is { } usualFile)
            return usualFile;
        if (configuredFile is null && names.Contains(UsualInSubfolder)
            && !names.Any(name => IsCandidate(name) && !name.Contains('/', StringComparison.Ordinal)))
        {
            return UsualInSubfolder;
        }

        var candidates = names.Where(IsCandidate).Order(StringComparer.Ordinal).ToList();
        if (configuredFile is null && candidates is [var onlyFile])
            return onlyFile;
        problem = configuredFile is not null
            ? $"{ProblemText.Quote(folder)} has no {ProblemText.Quote(configuredFile)}, which the model's settings specify. It has "
                + $"{FormatNames(names)}. Correct \"file\" in {ModelSettings.FileName} or {TritonConfig.ModelFileField} in "
                + $"{TritonConfig.FileName}, or add the file."
            : candidates.Count > 1
            ? $"{ProblemText.Quote(folder)} has no {ModelVersion.ModelFileName}, but several model files: {FormatNames(candidates)}. "
                + $"Name one of them in {ModelSettings.FileName}: {{\"file\": \"{candidates[0]}\"}}."
            : $"{ProblemText.Quote(folder)} has no model file. {UnsupportedFormats.FindProblem(names) ?? $"It has {FormatNames(names)}."} "
                + $"Expected is {ModelVersion.ModelFileName}, or one other *{OnnxFileName.Extension} in the folder or in {Subfolder}/.";
        return null;
    }

    /// <summary>Whether a folder contains a model file in a place where a version may have one.</summary>
    public static bool HasModel(string folder) =>
        ((string[])[folder, Path.Combine(folder, Subfolder), Path.Combine(folder, ModelVersion.ModelFileName)])
        .Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Any(file => OnnxFileName.IsModel(Path.GetFileName(file)));

    /// <summary>Returns the first names in quotes, at most <see cref="MaxListed"/>, and the number of the remaining names.</summary>
    public static string FormatNames(IReadOnlyCollection<string> names)
    {
        var listed = names.Order(StringComparer.Ordinal).Take(MaxListed).Select(ProblemText.Quote);
        return names.Count == 0
            ? "no files"
            : string.Join(", ", listed) + (names.Count > MaxListed ? $" and {names.Count - MaxListed} more" : "");
    }

    /// <summary>
    /// Finds the file with the name. In Triton's repositories the name may be a folder that contains <c>model.onnx</c> and its external
    /// data.
    /// </summary>
    private static string? Find(IReadOnlyCollection<string> names, string name) =>
        names.Contains(name) ? name
        : $"{name}/{ModelVersion.ModelFileName}" is var fileInFolder && names.Contains(fileInFolder) ? fileInFolder
        : null;

    /// <summary>
    /// Whether a file can be the model without a name in the settings, because it is in the version's folder or in <c>onnx/</c>.
    /// </summary>
    public static bool IsCandidate(string name) =>
        OnnxFileName.IsModel(name) && name.Split('/') is [_] or [Subfolder, _];
}
