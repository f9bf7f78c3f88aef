using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Predict;
using Inference.Protocols.Text;

namespace Functions.OpenApi;

/// <summary>The schemas of <c>"parameters"</c> in predict's body: one for each task, with the parameters that the task accepts.</summary>
internal static class ParameterSchemas
{
    private const string Boolean = """{"type":"boolean"}""";
    private const string TextOrTexts = """{"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]}""";

    private const string TopKDescription = "\"description\":\"The maximum number of labels per item or tokens per mask\"";

    /// <summary>The schema of each parameter that <see cref="PredictParametersReader"/> reads.</summary>
    private static readonly OrderedDictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["top_k"] = $$"""{"type":"integer","minimum":0,"maximum":{{ResponseFormat.MaxTopK}},{{TopKDescription}}}""",
        ["function_to_apply"] =
            """{"type":"string","enum":["softmax","sigmoid","none"],"description":"Default: the function of the model"}""",
        ["candidate_labels"] = TextOrTexts,
        ["hypothesis_template"] = $$"""{"type":"string","default":"{{Hypothesis.DefaultTemplate}}"}""",
        ["multi_label"] = """{"type":"boolean","default":false}""",
        ["aggregation_strategy"] = Choice("simple", "none", "first", "average", "max"),
        ["ignore_labels"] = TextOrTexts,
        ["targets"] = """{"oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"},"minItems":1}]}""",
        ["normalize"] = Boolean,
        ["dimensions"] = """{"type":"integer","minimum":1}""",
        ["prompt_name"] = """{"type":"string"}""",
        ["truncate"] = """{"type":"boolean","default":false}""",
        ["truncation_direction"] = Choice("right", "left"),
    };

    /// <summary>
    /// The schemas by name: one for each task, two for models without a task, and <c>Parameters</c> with the parameters of all tasks. Calls
    /// whose model is not known use <c>Parameters</c>.
    /// </summary>
    public static IEnumerable<(string Name, string Json)> All =>
    [
        ("Parameters", Object(Parameters.Keys, "\"description\":\"The parameters of the model's task\"")),
        Create(task: null, hasTexts: false),
        Create(task: null, hasTexts: true),
        .. Enum.GetValues<ModelTask>().Select(static task => Create(task, hasTexts: false)),
    ];

    /// <summary>Returns the name of the schema with the parameters that a model accepts.</summary>
    public static string NameFor(Model model) => GetName(model.Task, model.Text is not null);

    private static string GetName(ModelTask? task, bool hasTexts) =>
        $"{task?.ToString() ?? (hasTexts ? "Text" : "Tensor")}Parameters";

    private static (string Name, string Json) Create(ModelTask? task, bool hasTexts)
    {
        var required = task == ModelTask.ZeroShotClassification ? "\"required\":[\"candidate_labels\"]," : "";
        return (GetName(task, hasTexts),
            Object(PredictParametersReader.GetKeys(task, hasTexts), $"{required}\"additionalProperties\":false"));
    }

    private static string Object(IEnumerable<string> names, string rules)
    {
        var members = names.Select(static name => $"\"{name}\":{GetSchema(name)}");
        return $$"""{"type":"object",{{rules}},"properties":{""" + string.Join(',', members) + "}}";
    }

    private static string GetSchema(string name) => Parameters.TryGetValue(name, out var schema)
        ? schema
        : throw new InvalidOperationException(
            $"PredictParametersReader reads \"{name}\", but ParameterSchemas has no schema of it. Add one.");

    private static string Choice(params string[] values) =>
        $$"""{"type":"string","enum":[{{string.Join(',', values.Select(static value => $"\"{value}\""))}}],"default":"{{values[0]}}"}""";
}
