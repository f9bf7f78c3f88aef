using System.Collections.Immutable;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Text;

namespace Inference.Protocols.Predict;

/// <summary>
/// Reads <c>"parameters"</c> of a predict call. The task of the model determines the allowed parameters. A model without a task also has
/// some. A parameter that changes only the form of the response is stored in <see cref="ResponseFormat"/>, every other one in
/// <see cref="PredictParameters"/>. A new parameter also needs a schema in ParameterSchemas of the app.
/// </summary>
internal static class PredictParametersReader
{
    public const string Parameters = "parameters";

    /// <summary>
    /// The maximum number of characters of a candidate label, and the maximum number of bytes of a template. Both are limited because the
    /// template is repeated for every label, and each label for every text.
    /// </summary>
    private const int MaxRepeatedLength = 500;

    private const string TopK = "top_k";
    private const string CandidateLabels = "candidate_labels";
    private const string HypothesisTemplate = "hypothesis_template";
    private const string MultiLabel = "multi_label";
    private const string Aggregation = "aggregation_strategy";
    private const string IgnoreLabels = "ignore_labels";
    private const string Targets = "targets";
    private const string Function = "function_to_apply";
    private const string Normalize = "normalize";
    private const string Dimensions = "dimensions";
    private const string PromptName = "prompt_name";
    private const string Truncate = "truncate";
    private const string TruncationDirection = "truncation_direction";

    /// <summary>The parameters that apply to tensors too. The others, except those of images, apply only to texts.</summary>
    private static readonly string[] ForTensors = [TopK];

    /// <summary>Reads the current object of the reader.</summary>
    /// <param name="format">Receives the parameters.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: a parameter is unknown or has a wrong value.
    /// </exception>
    public static void Read(ref Utf8JsonReader reader, Model model, ResponseFormat format)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, Parameters, "an object");
        var allowed = GetKeys(model);
        var readNames = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.ReadString(ref reader, "A name");
            if (!allowed.Contains(name))
            {
                throw InferenceException.InvalidRequest(
                    $"{Parameters}: \"{Quote.Shorten(name)}\" is unknown; "
                    + $"the parameter{(allowed.Length == 1 ? " is" : "s are")} {string.Join(", ", allowed.Select(key => $"\"{key}\""))}.");
            }

            var path = $"{Parameters}.{name}";
            var isRead = readNames.Contains(name);
            if (!JsonText.TryReadOnce(ref reader, ref isRead, path))
                continue;
            readNames.Add(name);
            if (name == TopK)
                format.TopK = ReadNumber(ref reader, path, 0, ResponseFormat.MaxTopK);
            else
                format.Parameters = Read(ref reader, name, path, format.Parameters);
        }

        format.Parameters = format.Parameters with { Names = [.. readNames] };
    }

    /// <summary>Returns the names of the parameters that a request to the model may have.</summary>
    public static string[] GetKeys(Model model) => GetKeys(model.Task, model.Text is not null);

    /// <summary>Returns the names of the parameters that a request to a model may have.</summary>
    /// <param name="task">The task of the model; null for none.</param>
    /// <param name="hasTexts">Whether a model without a task accepts texts.</param>
    public static string[] GetKeys(ModelTask? task, bool hasTexts) =>
        task is { } modelTask ? GetKeys(modelTask)
        : hasTexts ? [.. ForTensors, .. GetKeys(ModelTask.FeatureExtraction)]
        : [.. ForTensors];

    /// <summary>Whether a parameter of a request to a model with this task, or without a task, has an effect only on texts.</summary>
    public static bool IsForTexts(string name, ModelTask? task) => task != ModelTask.ImageClassification && !ForTensors.Contains(name);

    private static string[] GetKeys(ModelTask task) => task switch
    {
        ModelTask.FeatureExtraction => [Normalize, Dimensions, PromptName, Truncate, TruncationDirection],
        ModelTask.TextRanking => [Function, Truncate, TruncationDirection],
        ModelTask.TextClassification => [TopK, Function, Truncate, TruncationDirection],
        ModelTask.ZeroShotClassification => [CandidateLabels, HypothesisTemplate, MultiLabel, Truncate, TruncationDirection],
        ModelTask.TokenClassification => [Aggregation, IgnoreLabels, Truncate],
        ModelTask.FillMask => [TopK, Targets, Truncate, TruncationDirection],
        ModelTask.ImageClassification => [TopK, Function],
    };

    private static PredictParameters Read(ref Utf8JsonReader reader, string name, string path, PredictParameters parameters)
    {
        var options = parameters.Options;
        return name switch
        {
            CandidateLabels => parameters with { CandidateLabels = ReadLabels(ref reader, path) },
            HypothesisTemplate => parameters with { HypothesisTemplate = ReadTemplate(ref reader, path) },
            MultiLabel => parameters with { IsMultiLabel = JsonMembers.ReadBoolean(ref reader, path) },
            IgnoreLabels => parameters with { IgnoredLabels = ReadTexts(ref reader, path) },
            Targets => parameters with { Targets = ReadTargets(ref reader, path) },
            Aggregation => parameters with
            {
                Aggregation = ReadChoice(
                    ref reader, path,
                    ("none", TokenAggregation.None), ("simple", TokenAggregation.Simple), ("first", TokenAggregation.First),
                    ("average", TokenAggregation.Average), ("max", TokenAggregation.Max)),
            },
            Function => parameters with
            {
                Options = options with
                {
                    Scores = ReadChoice(ref reader, path, ("softmax", ScoreFunction.Softmax), ("sigmoid", ScoreFunction.Sigmoid),
                        ("none", ScoreFunction.None)),
                },
            },
            Normalize => parameters with { Options = options with { Normalize = JsonMembers.ReadBoolean(ref reader, path) } },
            Dimensions => parameters with { Options = options with { Dimensions = ReadNumber(ref reader, path, 1, int.MaxValue) } },
            PromptName => parameters with { Options = options with { PromptName = JsonText.ReadString(ref reader, path) } },
            Truncate => parameters with { Options = options with { Truncate = JsonMembers.ReadBoolean(ref reader, path) } },
            _ => parameters with
            {
                Options = options with
                {
                    TruncationDirection = ReadChoice(ref reader, path, ("right", TextSide.Right), ("left", TextSide.Left)),
                },
            },
        };
    }

    /// <summary>Reads labels. One text may contain several labels separated by commas, as in Hugging Face's pipelines.</summary>
    private static ImmutableArray<string> ReadLabels(ref Utf8JsonReader reader, string path)
    {
        ImmutableArray<string> labels = reader.TokenType == JsonTokenType.String
            ? [.. JsonText.ReadString(ref reader, path).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
            : ReadTexts(ref reader, path);
        return labels.FirstOrDefault(label => label.Length > MaxRepeatedLength) is { } tooLong
            ? throw InferenceException.InvalidRequest($"{path} has a label longer than {MaxRepeatedLength} characters: \"{Quote.Shorten(tooLong)}\".")
            : labels;
    }

    /// <summary>Reads the allowed tokens. An empty array is refused, as in Hugging Face's pipelines.</summary>
    private static ImmutableArray<string> ReadTargets(ref Utf8JsonReader reader, string path) =>
        ReadTexts(ref reader, path) is { IsEmpty: false } targets
            ? targets
            : throw InferenceException.InvalidRequest($"{path} is empty. Send at least one text, or leave out {path} to allow all tokens.");

    private static ImmutableArray<string> ReadTexts(ref Utf8JsonReader reader, string path)
    {
        if (reader.TokenType == JsonTokenType.String)
            return [JsonText.ReadString(ref reader, path)];
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, path, "an array of texts");
        var texts = ImmutableArray.CreateBuilder<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (texts.Count == TextBatch.MaxTexts)
                throw InferenceException.InvalidRequest($"{path} has more than {TextBatch.MaxTexts} texts, the maximum of one request.");
            texts.Add(JsonText.ReadString(ref reader, $"{path}[{texts.Count}]"));
        }

        return texts.ToImmutable();
    }

    private static string ReadTemplate(ref Utf8JsonReader reader, string path)
    {
        var template = JsonText.ReadString(ref reader, path, MaxRepeatedLength);
        var first = template.IndexOf(Hypothesis.Placeholder, StringComparison.Ordinal);
        if (first >= 0 && first == template.LastIndexOf(Hypothesis.Placeholder, StringComparison.Ordinal))
            return template;
        throw InferenceException.InvalidRequest(
            $"{path} is \"{Quote.Shorten(template)}\"; it has {(first < 0 ? "no" : "more than one")} {Hypothesis.Placeholder} for the label. "
            + $"Write one, as in \"{Hypothesis.DefaultTemplate}\".");
    }

    private static int ReadNumber(ref Utf8JsonReader reader, string path, int min, int max) =>
        JsonText.TryReadInteger(ref reader, out var number) && number >= min && number <= max
            ? (int)number
            : throw InferenceException.InvalidRequest($"{path} is not a whole number from {min} to {max}.");

    private static T ReadChoice<T>(ref Utf8JsonReader reader, string path, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var text = JsonText.ReadString(ref reader, path);
        foreach (var (name, value) in choices)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        var names = new List<string>();
        foreach (var choice in choices)
            names.Add($"\"{choice.Name}\"");
        throw InferenceException.InvalidRequest($"{path} is \"{Quote.Shorten(text)}\"; one of {string.Join(", ", names)} is expected.");
    }
}
