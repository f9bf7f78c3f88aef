using System.Text.Json;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Text;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>Reads the options of a body for its texts, and for the scores or embeddings that are returned.</summary>
internal static class TextOptionReader
{
    public const string Truncate = "truncate", TruncationDirection = "truncation_direction", PromptName = "prompt_name",
        Normalize = "normalize", Dimensions = "dimensions", RawScores = "raw_scores";

    /// <summary>Reads the current option of the reader.</summary>
    /// <param name="path">The path of the object that contains the option, with a dot at its end; empty for the body.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the value is not valid.</exception>
    public static TextOptions Read(ref Utf8JsonReader reader, string name, TextOptions options, string path = "")
    {
        var optionPath = path + name;
        return name switch
        {
            Truncate => options with { Truncate = JsonMembers.ReadBoolean(ref reader, optionPath) },
            TruncationDirection => options with { TruncationDirection = ReadSide(ref reader, optionPath) },
            PromptName => options with { PromptName = JsonText.ReadString(ref reader, optionPath) },
            Normalize => options with { Normalize = JsonMembers.ReadBoolean(ref reader, optionPath) },
            Dimensions => options with { Dimensions = JsonMembers.ReadNumber(ref reader, optionPath, 1) },
            RawScores => options with { Scores = JsonMembers.ReadBoolean(ref reader, optionPath) ? ScoreFunction.None : null },
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No option has this name. This is a bug."),
        };
    }

    private static TextSide ReadSide(ref Utf8JsonReader reader, string path) => JsonText.ReadString(ref reader, path) switch
    {
        "Right" or "right" => TextSide.Right,
        "Left" or "left" => TextSide.Left,
        var other => throw InferenceException.InvalidRequest($"{path} is \"{Quote.Shorten(other)}\"; \"Left\" or \"Right\" is expected."),
    };
}
