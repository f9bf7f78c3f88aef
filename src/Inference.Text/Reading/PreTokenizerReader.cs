using System.Text;
using Inference.Text.Patterns;
using Inference.Text.PreTokenization;
using Inference.Text.Unicode;

namespace Inference.Text.Reading;

/// <summary>Reads the pre-tokenizer in tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    /// <returns>Null when the part is missing or a JSON null.</returns>
    public static PreTokenizer? Read(JsonPart part)
    {
        if (part.IsNull)
            return null;
        return part.Type switch
        {
            "Sequence" => new SequencePreTokenizer(part.ReadAll("pretokenizers", Read)),
            "BertPreTokenizer" => new BertPreTokenizer(),
            "Whitespace" => new Splitter(new WordPattern(), SplitBehavior.Removed, isInverted: true),
            "WhitespaceSplit" => Characters(CharacterClass.IsWhitespace, SplitBehavior.Removed),
            "ByteLevel" => new ByteLevelPreTokenizer(part.BooleanOr("add_prefix_space", true), part.BooleanOr("use_regex", true)),
            "Metaspace" => ReadMetaspace(part),
            "Split" => new Splitter(
                PatternReader.Read(part.Property("pattern")), ReadBehavior(part.Property("behavior")), part.BooleanOr("invert", false)),
            "Punctuation" => Characters(CharacterClass.IsPunctuation, ReadBehavior(part.Property("behavior"))),
            "Digits" => Characters(
                CharacterClass.IsNumeric, part.BooleanOr("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "UnicodeScripts" => new ScriptPreTokenizer(),
            "CharDelimiterSplit" => ReadDelimiter(part.Property("delimiter")),
            "FixedLength" => new FixedLengthPreTokenizer(Math.Max(1, part.IdOr("length", 5))),
            var type => throw part.UnsupportedError("pre-tokenizer", type),
        };
    }

    /// <summary>
    /// Reads the scheme. Older files contain only <c>add_prefix_space</c>: whether the replacement character is inserted.
    /// </summary>
    public static PrependScheme ReadScheme(JsonPart part)
    {
        if (!part.BooleanOr("add_prefix_space", true))
            return PrependScheme.Never;
        var scheme = part.StringOr("prepend_scheme", "always");
        return scheme switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw part.Property("prepend_scheme").TypeError("\"always\", \"first\" or \"never\""),
        };
    }

    /// <summary>Reads a value that must be a single character.</summary>
    public static string ReadCharacter(JsonPart part)
    {
        var text = part.AsString();
        return Rune.DecodeFromUtf16(text, out _, out var size) == System.Buffers.OperationStatus.Done && size == text.Length
            ? text
            : throw part.TypeError("a single character");
    }

    private static Splitter Characters(Func<int, bool> isMatch, SplitBehavior behavior) =>
        new(new CharacterPattern(isMatch), behavior, isInverted: false);

    private static Splitter ReadDelimiter(JsonPart part) =>
        new(new LiteralPattern(ReadCharacter(part)), SplitBehavior.Removed, isInverted: false);

    private static MetaspacePreTokenizer ReadMetaspace(JsonPart part) =>
        new(ReadCharacter(part.Property("replacement")), ReadScheme(part), part.BooleanOr("split", true));

    private static SplitBehavior ReadBehavior(JsonPart part) => part.IsNull ? SplitBehavior.Isolated : part.AsString() switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var other => throw part.UnsupportedError("behavior", other),
    };
}
