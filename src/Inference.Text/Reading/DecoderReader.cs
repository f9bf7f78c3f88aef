using System.Text;
using Inference.Text.Decoding;
using Inference.Text.PreTokenization;

namespace Inference.Text.Reading;

/// <summary>Reads the decoder in tokenizer.json.</summary>
internal static class DecoderReader
{
    /// <returns>Null when the part is missing or a JSON null.</returns>
    public static Decoding.Decoder? Read(JsonPart part)
    {
        if (part.IsNull)
            return null;
        return part.Type switch
        {
            "Sequence" => new SequenceDecoder(part.ReadAll("decoders", Read)),
            "WordPiece" => new WordPieceDecoder(part.StringOr("prefix", "##"), part.BooleanOr("cleanup", true)),
            "ByteLevel" => new ByteLevelDecoder(),
            "Metaspace" => new MetaspaceDecoder(
                PreTokenizerReader.ReadCharacter(part.Property("replacement")), PreTokenizerReader.ReadScheme(part) != PrependScheme.Never),
            "BPEDecoder" => new BpeDecoder(part.StringOr("suffix", "</w>")),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Strip" => new StripDecoder(ReadRune(part.Property("content")), part.IdOr("start", 0), part.IdOr("stop", 0)),
            "Replace" => new ReplaceDecoder(PatternReader.Read(part.Property("pattern")), part.Property("content").AsString()),
            "CTC" => new CtcDecoder(
                part.StringOr("pad_token", "<pad>"), part.StringOr("word_delimiter_token", "|"), part.BooleanOr("cleanup", true)),
            var type => throw part.UnsupportedError("decoder", type),
        };
    }

    private static Rune ReadRune(JsonPart part)
    {
        Rune.DecodeFromUtf16(PreTokenizerReader.ReadCharacter(part), out var rune, out _);
        return rune;
    }
}
