using System.Text.Json;
using Inference.Models.Files;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;

namespace Inference.Repository.HuggingFace;

/// <summary>The JSON files of a Hugging Face folder, and the problems with them.</summary>
/// <param name="folder">The folder of the version.</param>
internal sealed class FolderJson(string folder)
{
    /// <summary>The maximum size of a file in bytes. A configuration with the labels of 20,000 classes has about a megabyte.</summary>
    private const int MaxSize = 4 << 20;

    /// <summary>
    /// The expected types of members by name, for all files. A member of another type would have no effect, so it is reported.
    /// </summary>
    private static readonly Dictionary<string, JsonType> ExpectedTypes = new(StringComparer.Ordinal)
    {
        { "architectures", JsonType.Array },
        { "id2label", JsonType.Object },
        { "sentence_transformers", JsonType.Object },
        { "prompts", JsonType.Object },
        { "model_type", JsonType.String },
        { "problem_type", JsonType.String },
        { "sbert_ce_default_activation_function", JsonType.String },
        { "default_prompt_name", JsonType.String },
        { "pooling_mode", JsonType.String },
        { "image_processor_type", JsonType.String },
        { "feature_extractor_type", JsonType.String },
        { "max_position_embeddings", JsonType.Number },
        { "n_positions", JsonType.Number },
        { "num_labels", JsonType.Number },
        { "pad_token_id", JsonType.Number },
        { "model_max_length", JsonType.Number },
        { "max_seq_length", JsonType.Number },
        { "resample", JsonType.Number },
        { "rescale_factor", JsonType.Number },
        { "crop_pct", JsonType.Number },
        { "do_lower_case", JsonType.Boolean },
        { "strip_accents", JsonType.Boolean },
        { "tokenize_chinese_chars", JsonType.Boolean },
        { "include_prompt", JsonType.Boolean },
        { "do_resize", JsonType.Boolean },
        { "do_rescale", JsonType.Boolean },
        { "do_normalize", JsonType.Boolean },
        { "do_center_crop", JsonType.Boolean },
        { "do_flip_channel_order", JsonType.Boolean },
        { "rescale_offset", JsonType.Boolean },
        { "include_top", JsonType.Boolean },
    };

    /// <summary>The message for a folder that has the name of an expected file.</summary>
    public const string FolderMessage = "This is a folder; a JSON file is expected. Replace the folder with the file.";

    /// <summary>The start of the names of the booleans that choose the pooling.</summary>
    public const string PoolingPrefix = "pooling_mode_";

    private readonly List<FolderProblem> _problems = [];

    /// <summary>The files read so far, by name, because several settings may come from one file.</summary>
    private readonly Dictionary<string, ParsedFile> _files = [];

    public IReadOnlyList<FolderProblem> Problems => _problems;

    public bool HasFile(string file) => RegularFile.Exists(Path.Combine(folder, file));

    /// <summary>Whether there is a file or a folder of this name.</summary>
    public bool HasFileOrFolder(string file) => HasFile(file) || Directory.Exists(Path.Combine(folder, file));

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
    /// <param name="isUnsupported">Whether the file is valid, but not supported: see <see cref="FileProblem.IsUnsupported"/>.</param>
    public void AddProblem(string key, string file, string path, string message, bool isUnsupported = false)
    {
        var (line, column) = Locate(file, path);
        _problems.Add(new FolderProblem(key, new FileProblem(file, line, column, path, message) { IsUnsupported = isUnsupported }));
    }

    /// <summary>Reports a value of a wrong type.</summary>
    /// <param name="expected">The expected value, as in "a string".</param>
    /// <inheritdoc cref="AddProblem"/>
    public void AddTypeProblem(string key, string file, string path, JsonElement value, string expected) => AddProblem(
        key, file, path,
        value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            ? $"The value is missing; {expected} is expected."
            : $"This is {Describe(GetJsonType(value))}; {expected} is expected.");

    private JsonElement Read(string file, string key, JsonValueKind kind)
    {
        if (!_files.TryGetValue(file, out var read))
        {
            _files[file] = read = Parse(Path.Combine(folder, file), kind);
            CheckTypes(read.Root, file, key);
        }

        if (read.Problem is not null)
            AddProblem(key, file, read.ProblemPath, read.Problem);
        return read.Root;
    }

    private void CheckTypes(JsonElement root, string file, string key)
    {
        foreach (var member in root.Members())
        {
            JsonType? type = ExpectedTypes.TryGetValue(member.Name, out var known) ? known
                : member.Name.StartsWith(PoolingPrefix, StringComparison.Ordinal) ? JsonType.Boolean
                : null;
            if (type is { } expected && member.Value.ValueKind != JsonValueKind.Null && GetJsonType(member.Value) != expected)
                AddTypeProblem(key, file, $"$.{member.Name}", member.Value, Describe(expected));
        }
    }

    /// <summary>Returns the position of a path in a file that was read; zeros when the file does not have the path.</summary>
    private (int Line, int Column) Locate(string file, string path)
    {
        if (path.Length == 0 || !_files.TryGetValue(file, out var read) || read.Content.IsEmpty)
            return default;
        var value = LocatedJsonReader.Read(read.Content, new ProblemList(file));
        while (value is not null && value.Path != path)
            value = value.Children.Find(child => IsWithin(path, child.Path));
        return value is null ? default : (value.Line, value.Column);
    }

    private static bool IsWithin(string path, string parent) =>
        path.StartsWith(parent, StringComparison.Ordinal) && (path.Length == parent.Length || path[parent.Length] is '.' or '[');

    private static ParsedFile Parse(string path, JsonValueKind kind)
    {
        if (Directory.Exists(path))
            return ParsedFile.Unusable(FolderMessage);
        if (!RegularFile.Exists(path))
            return default;
        if (new FileInfo(path).Length > MaxSize)
            return ParsedFile.Unusable($"The file is larger than {MaxSize} bytes, the maximum for a configuration.");
        var content = ByteOrderMark.Skip(new ReadOnlyMemory<byte>(File.ReadAllBytes(path)));
        try
        {
            StrictJson.ThrowIfInvalid(content.Span);
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == kind
                ? new ParsedFile(document.RootElement.Clone(), content, "", null)
                : new ParsedFile(default, content, "$", $"This is not a JSON {(kind == JsonValueKind.Array ? "array" : "object")}.");
        }
        catch (JsonException e)
        {
            return ParsedFile.Unusable($"The file is not valid JSON: {ProblemText.ToOneLine(ProblemText.Describe(e))}");
        }
    }

    /// <param name="value">Not null.</param>
    private static JsonType GetJsonType(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => JsonType.Array,
        JsonValueKind.Object => JsonType.Object,
        JsonValueKind.String => JsonType.String,
        JsonValueKind.Number => JsonType.Number,
        _ => JsonType.Boolean,
    };

    private static string Describe(JsonType type) => type switch
    {
        JsonType.Array => "an array",
        JsonType.Object => "an object",
        JsonType.String => "a string",
        JsonType.Number => "a number",
        JsonType.Boolean => "a boolean",
    };

    private enum JsonType
    {
        Array,
        Object,
        String,
        Number,
        Boolean,
    }

    /// <summary>A file that was read.</summary>
    /// <param name="Root">The value of the file; undefined when the file does not exist or cannot be used.</param>
    /// <param name="Content">The text of the file; empty when it is not JSON.</param>
    /// <param name="ProblemPath">The path of the problem.</param>
    /// <param name="Problem">Why the file cannot be used; null when the file can be used or does not exist.</param>
    private readonly record struct ParsedFile(JsonElement Root, ReadOnlyMemory<byte> Content, string ProblemPath, string? Problem)
    {
        public static ParsedFile Unusable(string problem) => new(default, default, "", problem);
    }
}

/// <summary>A problem with a file of the folder.</summary>
/// <param name="Key">The key of model.json that overrides the file's content, such as <c>task</c> or <c>text.pooling</c>.</param>
internal readonly record struct FolderProblem(string Key, FileProblem Problem);
