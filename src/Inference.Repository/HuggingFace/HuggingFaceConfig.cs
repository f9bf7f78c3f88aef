using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Repository.HuggingFace;

/// <summary>The <c>config.json</c> of a Hugging Face folder: the architecture of the model, its labels and lengths.</summary>
internal sealed class HuggingFaceConfig
{
    public const string File = "config.json";

    private const string LabelsKey = "id2label";
    private const string ProblemKey = "problem_type";
    private const string Regression = "regression";

    /// <summary>The key under which older versions of Sentence Transformers store the activation function.</summary>
    private const string ActivationKey = "sbert_ce_default_activation_function";

    /// <summary>The key of problems that no key of model.json can resolve.</summary>
    private const string NoKey = "";

    /// <summary>The tasks by the ending of the architecture's name.</summary>
    private static readonly (string Ending, ModelTask Task)[] Tasks =
    [
        ("ForTokenClassification", ModelTask.TokenClassification),
        ("ForMaskedLM", ModelTask.FillMask),
        ("ForImageClassification", ModelTask.ImageClassification),
        ("ForImageClassificationWithTeacher", ModelTask.ImageClassification),
        ("Model", ModelTask.FeatureExtraction),
    ];

    /// <summary>
    /// Models whose positions start after the id of the padding token. RoBERTa has 514 positions and the padding token 1, so it accepts 512
    /// tokens.
    /// </summary>
    private static readonly string[] OffsetTypes =
        ["roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text", "ibert", "roberta-prelayernorm"];

    private readonly JsonElement _config;
    private readonly FolderJson _files;

    public HuggingFaceConfig(FolderJson files)
    {
        (_files, _config) = (files, files.Read(File, NoKey));
        Labels = ReadLabels();
    }

    public bool Exists => _config.ValueKind == JsonValueKind.Object;

    /// <summary>The labels of the model's outputs, in order.</summary>
    public ImmutableArray<string> Labels { get; }

    /// <summary>The maximum number of tokens for which the model has positions; null when the file does not contain this number.</summary>
    public int? MaxPositions
    {
        get
        {
            var positions = _config.GetCount("max_position_embeddings") ?? _config.GetCount("n_positions");
            var isOffset = OffsetTypes.Contains(_config.GetText("model_type"));
            return isOffset && positions is { } count ? Math.Max(1, count - 1 - (int)(_config.GetNumber("pad_token_id") ?? 1)) : positions;
        }
    }

    /// <summary>The function for the scores of a classifier; null for the default, which depends on the number of labels.</summary>
    public ScoreFunction? Scores => ParseActivation(Activation) ?? _config.GetText(ProblemKey) switch
    {
        "multi_label_classification" => ScoreFunction.Sigmoid,
        "single_label_classification" => ScoreFunction.Softmax,
        Regression => ScoreFunction.None,
        _ => null,
    };

    /// <summary>
    /// The name of the class that computes the scores of a cross-encoder of Sentence Transformers; null for other models.
    /// </summary>
    private string? Activation => _config.GetText(ActivationKey) ?? _config.Get("sentence_transformers").GetText("activation_fn");

    /// <summary>Derives the task from the architecture; reports a problem when the architecture has no supported task.</summary>
    public ModelTask? FindTask()
    {
        const string Classifier = "ForSequenceClassification";
        if (!Exists && _files.Problems.Count > 0)
            return null;
        var first = _config.Get("architectures").Items().FirstOrDefault();
        if (first.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String))
        {
            _files.AddTypeProblem("task", File, "$.architectures[0]", first, "a string");
            return null;
        }

        if (first.ValueKind == JsonValueKind.Undefined)
        {
            _files.AddProblem("task", File, "$.architectures",
                "The key is missing or empty, so the task of the model is unknown. Write \"task\" in model.json.",
                isUnsupported: true);
            return null;
        }

        var architecture = first.GetString()!;
        if (architecture.EndsWith(Classifier, StringComparison.Ordinal))
        {
            return Labels.Any(IsEntailment) ? ModelTask.ZeroShotClassification
                : CountLabels() == 1 && (Activation is not null || _config.GetText(ProblemKey) != Regression) ? ModelTask.TextRanking
                : ModelTask.TextClassification;
        }

        if (Array.Find(Tasks, task => architecture.EndsWith(task.Ending, StringComparison.Ordinal)) is { Ending: not null } found)
            return found.Task;
        _files.AddProblem("task", File, "$.architectures",
            $"{ProblemText.Quote(architecture)} has no supported task. Write \"task\" in model.json if the model has "
            + $"one of these tasks: {ModelTaskNames.List}.",
            isUnsupported: true);
        return null;
    }

    /// <summary>Reports a problem when the labels do not fit the task or the model, or the function for the scores is unknown.</summary>
    public void ReportProblems(ModelTask task, ModelSignature signature)
    {
        if (_config.Get("sentence_transformers").Get("activation_fn") is
            { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.String) } value)
        {
            _files.AddTypeProblem("text.scores", File, "$.sentence_transformers.activation_fn", value, "a string");
        }

        if (Activation is { } activation && ParseActivation(activation) is null)
        {
            _files.AddProblem("text.scores", File, $"$.{ActivationKey}",
                $"{ProblemText.Quote(activation)} is not supported. Supported are Identity and Sigmoid. Write \"text\": {{\"scores\": ...}} in "
                + "model.json.",
                isUnsupported: true);
        }

        ReportLabelCount(task, signature);
        if (task == ModelTask.ZeroShotClassification && !_files.HasFile(ModelVersion.LabelsFileName) && !Labels.Any(IsEntailment))
        {
            _files.AddProblem(NoKey, File, $"$.{LabelsKey}",
                "No label starts with \"entail\", so this is not a model for natural language inference, which zero-shot "
                    + "classification needs.");
        }
    }

    /// <summary>
    /// Reports a problem when the numbers of scores and labels differ. Scores would otherwise silently get wrong labels.
    /// </summary>
    private void ReportLabelCount(ModelTask task, ModelSignature signature)
    {
        int? rank = task switch
        {
            ModelTask.TokenClassification => 3,
            ModelTask.TextClassification or ModelTask.ZeroShotClassification or ModelTask.ImageClassification => 2,
            ModelTask.FeatureExtraction or ModelTask.TextRanking or ModelTask.FillMask => null,
        };
        var scores = signature.Outputs.FirstOrDefault(output => output.Type == ElementType.Float32 && output.Shape.Rank == rank);
        if (Labels.IsEmpty || scores is null || scores.Shape.Dimensions[^1] == Shape.Dynamic || scores.Shape.Dimensions[^1] == Labels.Length
            || _files.HasFile(ModelVersion.LabelsFileName))
        {
            return;
        }

        _files.AddProblem(NoKey, File, $"$.{LabelsKey}",
            $"There {(Labels.Length == 1 ? "is" : "are")} {Counted.Text(Labels.Length, "label")}, but output \"{scores.Name}\" of the "
            + $"model has {Counted.Text(scores.Shape.Dimensions[^1], "score")} for each item. Give each score its label.");
    }

    private static ScoreFunction? ParseActivation(string? name) => name?[(name.LastIndexOf('.') + 1)..] switch
    {
        "Identity" => ScoreFunction.None,
        "Sigmoid" => ScoreFunction.Sigmoid,
        _ => null,
    };

    private static bool IsEntailment(string label) => label.StartsWith("entail", StringComparison.OrdinalIgnoreCase);

    /// <summary>Counts the labels. Default: 2, as in the transformers library.</summary>
    private int CountLabels() => Labels.IsEmpty ? _config.GetCount("num_labels") ?? 2 : Labels.Length;

    private ImmutableArray<string> ReadLabels()
    {
        var labels = new SortedDictionary<int, string>();
        foreach (var label in _config.Get(LabelsKey).Members())
        {
            if (!int.TryParse(label.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || !labels.TryAdd(index, label.Value.ToString()))
            {
                return AddProblem(
                    $"{ProblemText.Quote(label.Name)} is not a whole number from 0, or appears twice. Number the labels from 0.");
            }

            if (label.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
                return AddProblem($"The label of {index} is {ProblemText.Quote(label.Value.GetRawText())}; a string is expected.");
        }

        return labels.Count == 0 || (labels.Keys.First() == 0 && labels.Keys.Last() == labels.Count - 1) ? [.. labels.Values]
            : AddProblem($"The labels are not numbered from 0 to {labels.Count - 1}.");

        ImmutableArray<string> AddProblem(string message)
        {
            _files.AddProblem(NoKey, File, $"$.{LabelsKey}", message);
            return [];
        }
    }
}
