using System.Collections.Immutable;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Repository.HuggingFace;

/// <summary>
/// The modules of a Sentence Transformers model: the transformer, and the layers after it. The file <c>modules.json</c> lists the modules
/// and the folder of each.
/// </summary>
internal sealed class SentenceModules
{
    public const string File = "modules.json";

    /// <summary>The file with the prompts and the type of the model.</summary>
    public const string PromptsFile = "config_sentence_transformers.json";

    private const string DefaultPoolingFolder = "1_Pooling";
    private const string PoolingKey = "text.pooling";

    /// <summary>The supported pooling modes, by their keys in the file.</summary>
    private static readonly (string Key, TextPooling Pooling)[] Modes =
    [
        ("pooling_mode_cls_token", TextPooling.Cls),
        ("pooling_mode_mean_tokens", TextPooling.Mean),
        ("pooling_mode_max_tokens", TextPooling.Max),
        ("pooling_mode_lasttoken", TextPooling.Last),
    ];

    private readonly FolderJson _files;

    /// <summary>The file that excludes the tokens of a prompt from the pooling; null when there is none.</summary>
    private string? _promptExcludingFile;

    public SentenceModules(FolderJson files)
    {
        _files = files;
        var modules = files.ReadArray(File, PoolingKey);
        var index = 0;
        foreach (var module in modules.Items())
            ReadModule(module, $"$[{index++}]");
        if (!files.HasFile(File) && files.HasFileOrFolder($"{DefaultPoolingFolder}/{HuggingFaceConfig.File}"))
            ReadPooling(DefaultPoolingFolder);
    }

    /// <summary>The pooling; null when the files specify no supported pooling.</summary>
    public TextPooling? Pooling { get; private set; }

    /// <summary>The folders of the dense layers.</summary>
    public ImmutableArray<string> DenseFolders { get; private set; } = [];

    public bool IsNormalized { get; private set; }

    /// <summary>Reads the prompts by their names, and the name of the default prompt; null when there is no default.</summary>
    public (ImmutableSortedDictionary<string, string> Prompts, string? Default) ReadPrompts()
    {
        var config = _files.Read(PromptsFile, "text.prompts");
        var prompts = TextSettings.NoPrompts;
        foreach (var prompt in config.Get("prompts").Members())
        {
            if (prompt.Value.ValueKind == JsonValueKind.String)
                prompts = prompts.SetItem(prompt.Name, prompt.Value.GetString()!);
            else
                _files.AddTypeProblem("text.prompts", PromptsFile, $"$.prompts.{prompt.Name}", prompt.Value, "a string");
        }

        if (_promptExcludingFile is not null && prompts.Values.Any(prompt => prompt.Length > 0))
        {
            _files.AddProblem("text.prompts", _promptExcludingFile, "$.include_prompt",
                "It is false, but this server always pools the tokens of a prompt. Write \"text\": {\"prompts\": {}} in model.json to "
                + "omit the prompts.",
                isUnsupported: true);
        }

        var name = config.GetText("default_prompt_name");
        if (name is null || prompts.ContainsKey(name))
            return (prompts, name);
        _files.AddProblem("text.defaultPrompt", PromptsFile, "$.default_prompt_name", $"There is no prompt {ProblemText.Quote(name)}.");
        return (prompts, null);
    }

    private void ReadModule(JsonElement module, string modulePath)
    {
        if (module.ValueKind != JsonValueKind.Object)
        {
            _files.AddTypeProblem(PoolingKey, File, modulePath, module, "an object");
            return;
        }

        if (module.Get("type").ValueKind != JsonValueKind.String)
        {
            _files.AddTypeProblem(PoolingKey, File, $"{modulePath}.type", module.Get("type"), "a string");
            return;
        }

        if (module.Get("path") is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.String) } pathValue)
        {
            _files.AddTypeProblem(PoolingKey, File, $"{modulePath}.path", pathValue, "a string");
            return;
        }

        var (type, path) = (module.GetText("type")!, module.GetText("path") ?? "");
        type = type[(type.LastIndexOf('.') + 1)..];
        if (path.Length == 0 ? type is "Pooling" or "Dense" : !SafeName.IsValid(path))
        {
            // A path could lead out of the folder, to files that the manifest does not list.
            _files.AddProblem(
                PoolingKey, File, $"{modulePath}.path", $"{ProblemText.Quote(path)} is not the name of a folder in the model's folder.");
            return;
        }

        ReadModule(type, path, modulePath);
    }

    private void ReadModule(string type, string path, string modulePath)
    {
        switch (type)
        {
            case "Transformer":
                if (path.Length > 0 && !_files.HasFile(HuggingFaceConfig.File))
                {
                    _files.AddProblem("task", File, $"{modulePath}.path",
                        $"The transformer is in {ProblemText.Quote(path)}. Move its files to the folder of the model.",
                        isUnsupported: true);
                }

                break;
            case "Pooling":
                ReadPooling(path);
                break;
            case "Dense" when !IsNormalized:
                DenseFolders = DenseFolders.Add(path);
                break;
            case "Normalize":
                IsNormalized = true;
                break;
            default:
                _files.AddProblem(PoolingKey, File, $"{modulePath}.type",
                    $"{ProblemText.Quote(type)} is not supported at this position; Transformer, Pooling, Dense and Normalize "
                    + "are supported, in this order.",
                    isUnsupported: true);
                break;
        }
    }

    private void ReadPooling(string folder)
    {
        var file = $"{folder}/{HuggingFaceConfig.File}";
        if (!_files.HasFileOrFolder(file))
        {
            _files.AddProblem(
                PoolingKey, file, "", "The file is missing, so the pooling is unknown. Write \"text\": {\"pooling\": ...} in model.json.",
                isUnsupported: true);
            return;
        }

        var config = _files.Read(file, PoolingKey);
        if (config.GetFlag("include_prompt") == false)
            _promptExcludingFile = file;
        var modeName = config.GetText("pooling_mode");
        var modes = config.Members()
            .Where(mode => mode.Name.StartsWith(FolderJson.PoolingPrefix, StringComparison.Ordinal)
                && mode.Value.ValueKind == JsonValueKind.True)
            .Select(mode => mode.Name).ToList();
        if (modeName is not null)
            modes = [$"{FolderJson.PoolingPrefix}{modeName}"];
        Pooling = modes is [var onlyMode]
            && Array.Find(Modes, mode =>
                mode.Key == onlyMode || mode.Key == $"{onlyMode}_token" || mode.Key == $"{onlyMode}_tokens") is { Key: not null } found
            ? found.Pooling
            : null;
        if (Pooling is null && config.ValueKind == JsonValueKind.Object)
        {
            var problem = modes.Count == 0 ? "No pooling mode is true" : $"The pooling is {string.Join(" and ", modes)}";
            _files.AddProblem(PoolingKey, file, modes is [var key] && modeName is null ? $"$.{key}" : "$",
                $"{problem}; one of {string.Join(", ", Modes.Select(mode => mode.Key))} is expected.",
                isUnsupported: true);
        }
    }
}
