using Inference.Text.Normalization;
using Inference.Text.Patterns;

namespace Inference.Text.Reading;

/// <summary>Reads the normalizer in tokenizer.json.</summary>
internal static class NormalizerReader
{
    /// <returns>Null when the part is missing or a JSON null.</returns>
    public static Normalizer? Read(JsonPart part)
    {
        if (part.IsNull)
            return null;
        return part.Type switch
        {
            "Sequence" => new SequenceNormalizer(part.ReadAll("normalizers", Read)),
            "BertNormalizer" => ReadBert(part),
            "NFC" => UnicodeNormalizer.Composed,
            "NFD" => UnicodeNormalizer.Decomposed,
            "NFKC" => UnicodeNormalizer.CompatiblyComposed,
            "NFKD" => UnicodeNormalizer.CompatiblyDecomposed,
            "Lowercase" => new LowercaseNormalizer(),
            "Strip" => new StripNormalizer(part.BooleanOr("strip_left", true), part.BooleanOr("strip_right", true)),
            "StripAccents" => new StripAccentsNormalizer(),
            "Replace" => new ReplaceNormalizer(PatternReader.Read(part.Property("pattern")), part.Property("content").AsString()),
            "Prepend" => new PrependNormalizer(part.Property("prepend").AsString()),
            "Nmt" => new NmtNormalizer(),
            "Precompiled" => ReadPrecompiled(part.Property("precompiled_charsmap")),
            "ByteLevel" => new ByteLevelNormalizer(),
            var type => throw part.UnsupportedError("normalizer", type),
        };
    }

    private static BertNormalizer ReadBert(JsonPart part)
    {
        var lowers = part.BooleanOr("lowercase", true);
        return new BertNormalizer(
            part.BooleanOr("clean_text", true),
            part.BooleanOr("handle_chinese_chars", true),
            part.BooleanOr("strip_accents", lowers),
            lowers);
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonPart part)
    {
        try
        {
            return new PrecompiledNormalizer(Convert.FromBase64String(part.AsString()));
        }
        catch (FormatException e)
        {
            throw part.Error($"cannot be used: {e.Message.TrimEnd('.')}", e);
        }
    }
}

/// <summary>Reads a pattern: {"String": ...} or {"Regex": ...}.</summary>
internal static class PatternReader
{
    public static TextPattern Read(JsonPart part)
    {
        if (part.Property("String") is { IsNull: false } literal)
            return literal.AsString() is { Length: > 0 } text ? new LiteralPattern(text) : throw literal.TypeError("a non-empty text");
        var expression = part.Property("Regex");
        try
        {
            return RegexPattern.Create(expression.AsString());
        }
        catch (FormatException e)
        {
            throw expression.Error($"cannot be used: {Quote.Shorten(e.Message.TrimEnd('.'))}", e);
        }
    }
}
