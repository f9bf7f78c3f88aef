using Inference.Text.Models;

namespace Inference.Text.Reading;

/// <summary>Reads the model in tokenizer.json: the vocabulary, and the algorithm that splits words into tokens.</summary>
internal static class ModelReader
{
    private const int MaxAffix = 32;

    /// <exception cref="TokenizerException">The model cannot be used.</exception>
    public static TokenModel Read(JsonPart part)
    {
        try
        {
            return TypeOf(part) switch
            {
                "WordPiece" => ReadWordPiece(part),
                "BPE" => ReadBpe(part),
                "Unigram" => ReadUnigram(part),
                "WordLevel" => new WordLevelModel(ReadVocabulary(part), part.StringOr("unk_token", "<unk>")),
                var type => throw part.Property("type").UnsupportedError("model", type),
            };
        }
        catch (FormatException e)
        {
            throw part.Error($"cannot be used: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>Returns the model's type. Older files contain no type, so the type is derived from their properties.</summary>
    private static string TypeOf(JsonPart part)
    {
        if (part.Property("type") is { IsNull: false } type)
            return type.AsString();
        if (!part.Property("merges").IsNull)
            return "BPE";
        if (part.Property("vocab").Element.ValueKind == System.Text.Json.JsonValueKind.Array)
            return "Unigram";
        return part.Property("continuing_subword_prefix").IsNull ? "WordLevel" : "WordPiece";
    }

    private static WordPieceModel ReadWordPiece(JsonPart part) => new(
        ReadVocabulary(part),
        part.StringOr("unk_token", "[UNK]"),
        part.StringOr("continuing_subword_prefix", "##"),
        part.IdOr("max_input_chars_per_word", 100));

    private static BpeModel ReadBpe(JsonPart part)
    {
        var dropout = part.Property("dropout");
        if (!dropout.IsNull && dropout.Element.ValueKind != System.Text.Json.JsonValueKind.Number)
            throw dropout.TypeError("a number");
        if (!dropout.IsNull && dropout.Element.GetDouble() != 0)
            throw dropout.Error("is not supported: tokens would be different each time");
        var settings = new BpeSettings
        {
            Unknown = part.Property("unk_token") is { IsNull: false } unknown ? unknown.AsString() : null,
            FusesUnknown = part.BooleanOr("fuse_unk", false),
            FallsBackToBytes = part.BooleanOr("byte_fallback", false),
            IgnoresMerges = part.BooleanOr("ignore_merges", false),
            Prefix = ReadAffix(part, "continuing_subword_prefix"),
            Suffix = ReadAffix(part, "end_of_word_suffix"),
        };
        return new BpeModel(ReadVocabulary(part), [.. part.Property("merges").Items().Select(ReadMerge)], settings);
    }

    /// <summary>Reads a prefix or suffix. Its length is limited, because the memory for a word is proportional to this length.</summary>
    private static string ReadAffix(JsonPart part, string name)
    {
        var affix = part.StringOr(name, "");
        return affix.Length <= MaxAffix
            ? affix
            : throw part.Property(name).Error($"has {affix.Length} characters; at most {MaxAffix} are supported");
    }

    /// <summary>Reads a merge: "a b" or ["a", "b"].</summary>
    private static (string Left, string Right) ReadMerge(JsonPart part)
    {
        if (part.Element.ValueKind != System.Text.Json.JsonValueKind.String)
        {
            var pair = part.Items().ToArray();
            return pair.Length == 2 ? (pair[0].AsString(), pair[1].AsString()) : throw part.TypeError("two tokens");
        }

        var text = part.AsString();
        return VocabularyFiles.SplitMerge(text) ?? throw part.TypeError("two tokens with a space between");
    }

    private static UnigramModel ReadUnigram(JsonPart part)
    {
        var pieces = part.Property("vocab").Items().Select(ReadPiece).ToArray();
        var unknown = part.Property("unk_id");
        if (!unknown.IsNull && unknown.AsId() >= pieces.Length)
            throw unknown.Error($"is {unknown.AsId()}; expected an id below {pieces.Length}, the number of tokens in the vocabulary");
        return new UnigramModel(pieces, unknown.IsNull ? -1 : unknown.AsId(), part.BooleanOr("byte_fallback", false));
    }

    private static (string Piece, double Score) ReadPiece(JsonPart part)
    {
        if (part.Element.ValueKind != System.Text.Json.JsonValueKind.Array || part.Element.GetArrayLength() != 2)
            throw part.TypeError("a token and its score");
        var (piece, score) = (new JsonPart(part.Element[0], part.Path), part.Element[1]);
        if (score.ValueKind != System.Text.Json.JsonValueKind.Number)
            throw part.TypeError("a token and its score");
        return (piece.AsString(), RustNumber.Parse(score.GetRawText()));
    }

    private static Vocabulary ReadVocabulary(JsonPart part)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, id) in part.Property("vocab").Properties())
            ids[token] = id.AsId();
        return new Vocabulary(ids);
    }
}
