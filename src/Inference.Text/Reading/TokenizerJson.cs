using System.Text.Json;
using Inference.Text.Added;

namespace Inference.Text.Reading;

/// <summary>Reads tokenizer.json, the file of Hugging Face's tokenizers.</summary>
internal static class TokenizerJson
{
    /// <exception cref="TokenizerException">The file cannot be used. The message names the file and the path in it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tokenizer Read(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            using var document = JsonDocument.Parse(VocabularyFiles.ReadUtf8(path));
            return Read(new JsonPart(document.RootElement, ""));
        }
        catch (TokenizerException e)
        {
            throw new TokenizerException($"{name}: {e.Message}", e);
        }
        // System.Text.Json throws InvalidOperationException for a string with an escaped unpaired surrogate.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TokenizerException($"{name} is not valid JSON: {Excerpt.Shorten(e.Message)}", e);
        }
    }

    private static Tokenizer Read(JsonPart root)
    {
        var normalizer = NormalizerReader.Read(root.Property("normalizer"));
        var model = ModelReader.Read(root.Property("model"));
        var added = root.Property("added_tokens");
        return new Tokenizer(new TokenizerComponents(model)
        {
            Normalizer = normalizer,
            PreTokenizer = PreTokenizerReader.Read(root.Property("pre_tokenizer")),
            PostProcessor = PostProcessorReader.Read(root.Property("post_processor")),
            Decoder = DecoderReader.Read(root.Property("decoder")),
            Added = new AddedVocabulary(added.IsNull ? [] : [.. added.Items().Select(ReadAdded)], model, normalizer),
            Truncation = ReadTruncation(root.Property("truncation")),
            Padding = ReadPadding(root.Property("padding")),
        });
    }

    private static AddedToken ReadAdded(JsonPart part) => new(part.Property("content").AsString())
    {
        IsSingleWord = part.BooleanOr("single_word", false),
        StripsLeft = part.BooleanOr("lstrip", false),
        StripsRight = part.BooleanOr("rstrip", false),
        IsNormalized = part.BooleanOr("normalized", !part.BooleanOr("special", false)),
        IsSpecial = part.BooleanOr("special", false),
    };

    private static Truncation? ReadTruncation(JsonPart part)
    {
        if (part.IsNull)
            return null;
        var strategy = part.StringOr("strategy", "LongestFirst") switch
        {
            "LongestFirst" => TruncationStrategy.LongestFirst,
            "OnlyFirst" => TruncationStrategy.OnlyFirst,
            "OnlySecond" => TruncationStrategy.OnlySecond,
            var other => throw part.Property("strategy").UnsupportedError("strategy", other),
        };
        return new Truncation(part.Property("max_length").AsId(), strategy, ReadSide(part.Property("direction")));
    }

    private static Padding? ReadPadding(JsonPart part)
    {
        if (part.IsNull)
            return null;
        var strategy = part.Property("strategy");
        int? length = strategy.Element.ValueKind == JsonValueKind.Object ? strategy.Property("Fixed").AsId() : null;
        return new Padding(
            part.IdOr("pad_id", 0),
            part.IdOr("pad_type_id", 0),
            ReadSide(part.Property("direction")),
            length,
            part.IdOr("pad_to_multiple_of", 0));
    }

    private static TextSide ReadSide(JsonPart part) => part.IsNull ? TextSide.Right : part.AsString() switch
    {
        "Right" => TextSide.Right,
        "Left" => TextSide.Left,
        var other => throw part.UnsupportedError("direction", other),
    };
}
