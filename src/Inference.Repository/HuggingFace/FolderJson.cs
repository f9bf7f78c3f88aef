using System.Text.Json;
using Inference.Models.Files;
using Inference.Models.Settings;

namespace Inference.Repository.HuggingFace;

/// <summary>The JSON files of a Hugging Face folder, and the problems with them.</summary>
/// <param name="folder">The folder of the version.</param>
internal sealed class FolderJson(string folder)
{
    /// <summary>The maximum bytes of a file. Configurations with the labels of 20,000 classes have a megabyte.</summary>
    private const int MaxSize = 4 << 20;

    private readonly List<FolderProblem> _problems = [];

    /// <summary>The files read so far, by name, because several settings may come from one file.</summary>
    private readonly Dictionary<string, (JsonElement Root, string At, string? Problem)> _files = [];

    public IReadOnlyList<FolderProblem> Problems => _problems;

    public bool Has(string file) => RegularFile.Exists(Path.Combine(folder, file));

    /// <summary>Whether there is a file or a folder of this name.</summary>
    public bool IsTaken(string file) => Has(file) || Directory.Exists(Path.Combine(folder, file));

    /// <summary>Reads a file that contains an object.</summary>
    /// <param name="key">The key of model.json that overrides the file's content.</param>
    /// <returns>The object; undefined when the file does not exist or cannot be used.</returns>
    public JsonElement Read(string file, string key) => Read(file, key, JsonValueKind.Object);

    /// <summary>Reads a file that contains an array.</summary>
    /// <inheritdoc cref="Read(string, string)"/>
    public JsonElement ReadArray(string file, string key) => Read(file, key, JsonValueKind.Array);

    /// <summary>Reports a problem with a file.</summary>
    /// <param name="key">The key of model.json that overrides the file's content.</param>
    /// <param name="path">The path in the file, such as <c>$.id2label</c>; empty when the file itself is the problem.</param>
    public void AddProblem(string key, string file, string path, string message) =>
        _problems.Add(new FolderProblem(key, new FileProblem(file, 0, 0, path, message)));

    private JsonElement Read(string file, string key, JsonValueKind kind)
    {
        if (!_files.TryGetValue(file, out var read))
            _files[file] = read = Parse(Path.Combine(folder, file), kind);
        if (read.Problem is not null)
            AddProblem(key, file, read.At, read.Problem);
        return read.Root;
    }

    private static (JsonElement Root, string At, string? Problem) Parse(string path, JsonValueKind kind)
    {
        if (Directory.Exists(path))
            return (default, "", "This is a folder; a file of JSON is expected. Put the file in its place.");
        if (!RegularFile.Exists(path))
            return default;
        if (new FileInfo(path).Length > MaxSize)
            return (default, "", $"The file is larger than {MaxSize} bytes, the maximum for a configuration.");
        try
        {
            using var document = JsonDocument.Parse(ByteOrderMark.Skip(new ReadOnlyMemory<byte>(File.ReadAllBytes(path))));
            return document.RootElement.ValueKind == kind
                ? (document.RootElement.Clone(), "", null)
                : (default, "$", $"This is not a JSON {(kind == JsonValueKind.Array ? "array" : "object")}.");
        }
        catch (JsonException e)
        {
            return (default, "", $"The file is not valid JSON: {ProblemText.ToOneLine(ProblemText.Describe(e))}");
        }
    }
}

/// <summary>A problem with a file of the folder.</summary>
/// <param name="Key">The key of model.json that overrides the file's content, such as <c>task</c> or <c>text.pooling</c>.</param>
internal readonly record struct FolderProblem(string Key, FileProblem Problem);
