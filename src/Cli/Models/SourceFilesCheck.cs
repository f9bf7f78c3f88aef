using System.Text.Json;
using Inference;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;

namespace Cli.Models;

/// <summary>
/// Checks the text files of a version, before a push or in the store. If such a file is broken, a server serves the model without its task
/// (such as text classification), or does not serve the model.
/// </summary>
internal static class SourceFilesCheck
{
    public const string Advice = "Correct it, or remove it from the folder, and push again.";

    /// <summary>
    /// The JSON files that a server reads from a Hugging Face folder. Other files in the folder, such as the state of a training run, can
    /// have any content.
    /// </summary>
    private static readonly HashSet<string> HuggingFaceFiles =
    [
        "config.json", "config_sentence_transformers.json", "modules.json", "preprocessor_config.json", "sentence_bert_config.json",
        "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json",
    ];

    /// <summary>The files of a version that a server reads as text.</summary>
    private static readonly HashSet<string> TextFiles =
        [.. HuggingFaceFiles, .. SettingsFile.Names, ModelVersion.LabelsFileName, "merges.txt", "vocab.txt"];

    /// <summary>Throws if a subfolder of the source has the name of a file that a server reads.</summary>
    /// <param name="source">The folder of a version.</param>
    public static void ThrowIfFolders(string source)
    {
        if (Directory.EnumerateDirectories(source).FirstOrDefault(folder => TextFiles.Contains(Path.GetFileName(folder))) is { } folder)
            throw CliException.CreateUsageError($"\"{folder}\" is a folder; a file is expected. {Advice}");
    }

    /// <summary>Checks the JSON files that a server reads from a Hugging Face folder, and the labels.</summary>
    /// <exception cref="CliException">A file is broken. The message has the file, the position, and what to do.</exception>
    public static async Task RunAsync(IReadOnlyCollection<VersionFilePath> files, CancellationToken cancellationToken)
    {
        var isHuggingFace = files.Any(file => file.Name is "config.json" or "modules.json" or "tokenizer.json" or "vocab.json");
        foreach (var file in files)
        {
            if (file.Name == ModelVersion.LabelsFileName)
                ThrowIfNotText(await File.ReadAllBytesAsync(file.Path, cancellationToken), file.ShownPath);
            else if (isHuggingFace && HuggingFaceFiles.Contains(file.Name))
                ThrowIfNotJson(await File.ReadAllBytesAsync(file.Path, cancellationToken), file);
        }
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
        var omitted = problems.Count - MaxShown;
        var more = omitted > 0 ? $" There {(omitted == 1 ? "is" : "are")} {omitted} more." : "";
        return string.Join(' ', problems.Take(MaxShown)) + more;
    }

    private static void ThrowIfNotText(byte[] content, string path)
    {
        if (InvalidUtf8.Find(content) is { } position)
        {
            throw new CliException($"\"{path}\" is not in UTF-8, at {position}.", ExitCode.WrongUsage)
            {
                Fix = "Save it in UTF-8, and push again.",
            };
        }
    }

    private static void ThrowIfNotJson(byte[] content, VersionFilePath file)
    {
        try
        {
            var json = ByteOrderMark.Skip(content.AsSpan());
            StrictJson.ThrowIfInvalid(json);
            if (FindTypeProblem(file.Name, json) is { } problem)
                throw new CliException($"{problem}", ExitCode.WrongUsage) { Fix = Advice };
        }
        catch (JsonException e)
        {
            throw new CliException(
                $"\"{file.ShownPath}\" is not valid JSON: {Quote.ShortenMessage(ProblemText.Describe(e))}", ExitCode.WrongUsage, e)
            {
                Fix = Advice,
            };
        }
    }

    /// <summary>Returns the problem if modules.json is not an array, or any other file is not an object; null for no problem.</summary>
    private static FileProblem? FindTypeProblem(string name, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var (expected, type) = name == "modules.json" ? (JsonTokenType.StartArray, "array") : (JsonTokenType.StartObject, "object");
        if (reader.TokenType == expected)
            return null;
        var prefix = json[..(int)reader.TokenStartIndex];
        return new FileProblem(
            name, prefix.Count((byte)'\n') + 1, prefix.Length - prefix.LastIndexOf((byte)'\n'), "$", $"This is not a JSON {type}.");
    }
}

/// <summary>A file of a version on this machine.</summary>
/// <param name="Name">The name, relative to the version's folder, with <c>/</c> between folders.</param>
/// <param name="ShownPath">The path in messages. The file itself can be a temporary copy.</param>
internal readonly record struct VersionFilePath(string Name, string Path, string ShownPath);
