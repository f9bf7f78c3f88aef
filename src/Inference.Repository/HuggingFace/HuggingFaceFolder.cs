using System.Collections.Immutable;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;

namespace Inference.Repository.HuggingFace;

/// <summary>
/// Derives the settings of a model from the files of a Hugging Face folder: the task, the labels, and how texts or images become inputs.
/// Each key in <c>model.json</c> overrides the derived value.
/// </summary>
public static class HuggingFaceFolder
{
    /// <summary>Adds the settings that the folder of a version determines to the settings of its model.</summary>
    /// <param name="configuration">The settings of the model, from the files beside its versions.</param>
    /// <param name="folder">The folder of the version.</param>
    /// <param name="signature">The signature of the loaded model.</param>
    /// <returns>
    /// The completed settings. When the task is unknown and <c>model.json</c> does not request one, the model accepts only tensors, and the
    /// warnings say why.
    /// </returns>
    /// <exception cref="FileProblemsException">Files that <c>model.json</c> requires cannot be used.</exception>
    public static ModelConfiguration Complete(ModelConfiguration configuration, string folder, ModelSignature signature)
    {
        var settings = configuration.Settings;
        var files = new FolderJson(folder);
        if (settings.Remote is not null)
            return configuration;
        if (settings.Task is null && !files.HasFileOrFolder(HuggingFaceConfig.File) && !files.HasFileOrFolder(SentenceModules.File))
        {
            return FindScoresWithoutTask(settings).ToList() is { Count: > 0 } unused
                ? configuration with { Warnings = [.. configuration.Warnings, .. unused] }
                : configuration;
        }

        var derived = Derive(settings, files, signature);
        var keys = GetKeys(configuration.ModelJson);
        // Several keys may come from one file, which then has the same problem for each of them.
        var problems = files.Problems.Where(problem => !keys.Contains(problem.Key)).Select(problem => problem.Problem).Distinct().ToList();
        var isRequested = settings.Task is not null || settings.Text is not null || settings.Image is not null;
        if (problems.Count == 0)
        {
            var completed = configuration with { Settings = ApplyModelJson(configuration, derived.Settings), Labels = derived.Labels };
            if (completed.FindMediaProblems(signature) is not { Count: > 0 } contradictions)
                return completed;
            problems = [.. isRequested
                ? contradictions
                : contradictions.Select(
                    problem => problem with { File = HuggingFaceConfig.File, Path = "$.architectures", IsUnsupported = true })];
        }

        // Problems are errors if model.json has a task, or if it has settings for texts or images and the folder determines a task.
        return settings.Task is null && (!isRequested || derived.Settings.Task is null)
            ? configuration with { Warnings = [.. configuration.Warnings, .. problems] }
            : throw new FileProblemsException(problems);
    }

    /// <summary>Finds score functions in model.json that have no effect, because the model has no task.</summary>
    private static IEnumerable<FileProblem> FindScoresWithoutTask(ModelSettings settings)
    {
        if (settings.Image?.Scores is not null)
            yield return CreateIgnoredProblem("image", "\"image-classification\"");
        if (settings.Text?.Scores is not null)
            yield return CreateIgnoredProblem("text", "\"text-classification\"");

        static FileProblem CreateIgnoredProblem(string section, string task) => new(
            ModelSettings.FileName, 0, 0, $"$.{section}.scores",
            $"Ignored: the model has no task, so its outputs are not changed. Add \"task\": {task}, for example.");
    }

    private static (ModelSettings Settings, ImmutableArray<string> Labels) Derive(
        ModelSettings settings, FolderJson files, ModelSignature signature)
    {
        var config = new HuggingFaceConfig(files);
        var isEmbedding = files.HasFile(SentenceModules.File)
            && files.Read(SentenceModules.PromptsFile, "task").GetText("model_type") != "CrossEncoder";
        var task = settings.Task ?? (isEmbedding ? ModelTask.FeatureExtraction : config.FindTask());
        if (task is not { } knownTask)
            return (settings, []);
        config.ReportProblems(knownTask, signature);
        return (knownTask == ModelTask.ImageClassification
            ? settings with { Task = knownTask, Image = HuggingFaceImageSettings.Read(files, config.Scores) }
            : settings with { Task = knownTask, Text = HuggingFaceTextSettings.Read(files, config, knownTask, signature) }, config.Labels);
    }

    /// <summary>Reads model.json again, with the folder's values as the defaults.</summary>
    private static ModelSettings ApplyModelJson(ModelConfiguration configuration, ModelSettings derived)
    {
        if (configuration.ModelJson is not { } json)
            return derived;
        var read = ModelSettingsReader.Read(json, derived);
        return configuration.Settings with { Task = read.Task, Text = read.Text, Image = read.Image };
    }

    /// <summary>
    /// Returns the keys in model.json: of the document, such as <c>text</c>, and of its objects, such as <c>text.pooling</c>.
    /// </summary>
    private static HashSet<string> GetKeys(ReadOnlyMemory<byte>? json)
    {
        if (json is not { } content)
            return [];
        using var document = JsonDocument.Parse(content);
        return [.. document.RootElement.Members()
            .SelectMany(group => group.Value.Members().Select(key => $"{group.Name}.{key.Name}").Append(group.Name))];
    }
}
