using System.Text.Json;
using Inference;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;

namespace Cli.Models;

/// <summary>
/// Checks the text files of a version before anything is stored. When such a file is broken, a server would serve the model without its
/// task, or not at all.
/// </summary>
internal static class SourceFilesCheck
{
    private const string Advice = "Correct it, or remove it from the folder, and push again.";

    /// <summary>
    /// The JSON files that a server reads from a Hugging Face folder. Other files in the folder, such as the state of a training, can have
    /// any content.
    /// </summary>
    private static readonly HashSet<string> FolderFiles =
    [
        "config.json", "config_sentence_transformers.json", "modules.json", "preprocessor_config.json", "sentence_bert_config.json",
        "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json",
    ];

    /// <summary>Checks the files that a server reads: the JSON files of a Hugging Face folder, the labels, and the settings.</summary>
    /// <param name="model">The name of the model in the store.</param>
    /// <exception cref="CliException">A file is broken. The message has the file, the position, and advice.</exception>
    public static async Task RunAsync(ModelName model, VersionSource source, CancellationToken cancellationToken)
    {
        var settings = new List<SettingsFile>();
        var isHuggingFace = source.Files.Any(file => file.Name is "config.json" or "modules.json" or "tokenizer.json" or "vocab.json");
        foreach (var (name, file, _) in source.Files)
        {
            var isSettings = SettingsFile.Signed.Contains(name);
            if (!isSettings && name != ModelVersion.LabelsFileName && !(isHuggingFace && FolderFiles.Contains(name)))
                continue;
            var content = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
            if (isSettings)
                settings.Add(new SettingsFile(name, content));
            else if (name == ModelVersion.LabelsFileName)
                ThrowIfNotText(content, file.FullName);
            else
                ThrowIfNotJson(content, file.FullName);
        }

        // The settings in a version's folder have no effect, so the model's name in them can differ from the name in the store.
        if (FindProblems(model, settings).Where(problem => problem.Path != "name").ToList() is { Count: > 0 } problems)
            throw CliException.CreateUsageError($"The settings in {source.Folder} are not valid. {Describe(problems)} {Advice}");
    }

    /// <summary>Finds the problems of the settings files of a model.</summary>
    public static IReadOnlyList<FileProblem> FindProblems(ModelName model, IReadOnlyCollection<SettingsFile> settings)
    {
        try
        {
            ModelConfigurationReader.Parse(model, settings);
            return [];
        }
        catch (FileProblemsException e)
        {
            return e.Problems;
        }
    }

    /// <summary>Describes the first three problems on one line, and counts the others.</summary>
    public static string Describe(IReadOnlyCollection<FileProblem> problems)
    {
        const int MaxShown = 3;
        var more = problems.Count > MaxShown ? $" There are {problems.Count - MaxShown} more." : "";
        return string.Join(' ', problems.Take(MaxShown)) + more;
    }

    private static void ThrowIfNotText(byte[] content, string path)
    {
        if (InvalidUtf8.Find(content) is { } place)
            throw CliException.CreateUsageError($"\"{path}\" is not in UTF-8, at {place}. Save it in UTF-8, and push again.");
    }

    private static void ThrowIfNotJson(byte[] content, string path)
    {
        try
        {
            StrictJson.ThrowIfInvalid(ByteOrderMark.Skip(content.AsSpan()));
        }
        catch (JsonException e)
        {
            throw CliException.CreateUsageError($"\"{path}\" is not valid JSON: {Quote.ShortenMessage(ProblemText.Describe(e))} {Advice}", e);
        }
    }
}
