using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inference.Text.Tests;

/// <summary>Tokenizers of the kinds that public models have, each with a vocabulary of more than 30,000 tokens.</summary>
internal static class SampleTokenizers
{
    private const int Size = 32_000;

    private const string Bert = """{"type":"BertPreTokenizer"}""";
    private const string Template = """
        {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"F","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"L","type_id":0}}],
        "pair":[{"SpecialToken":{"id":"F","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"L","type_id":0}},
        {"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":"L","type_id":1}}],
        "special_tokens":{"F":{"id":"F","ids":[2],"tokens":["F"]},"L":{"id":"L","ids":[3],"tokens":["L"]}}}
        """;

    private const string Llama3Split = """
        (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
        """;

    private const string Gpt4oSplit = """
        [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
        """;

    private static readonly string[] BertSpecial = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    private static readonly string[] Special = ["<pad>", "<unk>", "<s>", "</s>", "<mask>"];

    public static readonly string[] Names =
        ["uncased", "cased", "byte-level", "unigram", "llama", "metaspace", "llama3", "qwen2", "gpt4o", "mistral"];

    /// <summary>Returns the text of the kind's tokenizer.json.</summary>
    public static string GetJson(string name) => name switch
    {
        "uncased" =>
            Make(BertNormalizer(true), Bert, WordPiece(true), Template, """{"type":"WordPiece","prefix":"##","cleanup":true}""",
                BertSpecial),
        "cased" =>
            Make(BertNormalizer(false), Bert, WordPiece(false), Template, """{"type":"WordPiece","prefix":"##","cleanup":true}""",
                BertSpecial),
        "byte-level" => Make("null", ByteLevel(true), BytePairs(), Roberta, ByteLevel(true), Special),
        "llama3" => Make("null", SplitAndBytes(Llama3Split), BytePairs(ignoresMerges: true), Template, ByteLevel(true), Special),
        "qwen2" => Make(
            """{"type":"NFC"}""", SplitAndBytes(Llama3Split.Replace("{1,3}", "", StringComparison.Ordinal)), BytePairs(), "null",
            ByteLevel(true), Special),
        "gpt4o" => Make("null", SplitAndBytes(Gpt4oSplit), BytePairs(), "null", ByteLevel(true), Special),
        "unigram" => Make(
            $$"""{"type":"Precompiled","precompiled_charsmap":"{{Convert.ToBase64String(CharacterMap.Create())}}"}""",
            """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}]}""",
            Unigram(Special), Template, Metaspace, Special),
        "metaspace" => Make(
            """{"type":"Sequence","normalizers":[{"type":"Nmt"},{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}""",
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""",
            Unigram([.. Special, .. Vocabularies.ByteTokens()], fallsBack: true), Template, Metaspace, Special),
        "llama" => Make(
            """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""",
            "null", SentencePairs(), Template, LlamaDecoder, Special),
        "mistral" => Make(
            "null", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""", SentencePairs(), Template,
            LlamaDecoder, Special),
        _ => throw new ArgumentException(name),
    };

    private const string Roberta =
        """{"type":"RobertaProcessing","sep":["</s>",3],"cls":["<s>",2],"trim_offsets":true,"add_prefix_space":true}""";

    private const string Metaspace = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""";

    private const string LlamaDecoder = """
        {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
        {"type":"Strip","content":" ","start":1,"stop":0}]}
        """;

    private static string BertNormalizer(bool isUncased) => $$"""
        {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":{{(isUncased ? "true" : "false")}}}
        """;

    private static string ByteLevel(bool cuts) =>
        $$"""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":{{(cuts ? "true" : "false")}}}""";

    private static string SplitAndBytes(string expression) => $$"""
        {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(expression.Trim())}}},"behavior":"Isolated","invert":false},
        {{ByteLevel(false)}}]}
        """;

    private static string WordPiece(bool isUncased) => $$"""
        {"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
        "vocab":{{JsonSerializer.Serialize(Vocabularies.WordPiece(Size, BertSpecial, isUncased))}}}
        """;

    private static string BytePairs(bool ignoresMerges = false)
    {
        var (ids, merges) =
            Vocabularies.Bpe(Size, [.. Special, .. Vocabularies.ByteLetterTokens()], word => Vocabularies.AsByteCharacters(" " + word));
        return $$"""
            {"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,
            "byte_fallback":false,"ignore_merges":{{(ignoresMerges ? "true" : "false")}},"vocab":{{JsonSerializer.Serialize(ids)}},
            "merges":{{JsonSerializer.Serialize(merges.Select(merge => merge.Left + " " + merge.Right))}}}
            """;
    }

    private static string SentencePairs()
    {
        var (ids, merges) = Vocabularies.Bpe(Size, [.. Special, .. Vocabularies.ByteTokens()], word => "▁" + word);
        return $$"""
            {"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":true,
            "byte_fallback":true,"vocab":{{JsonSerializer.Serialize(ids)}},
            "merges":{{JsonSerializer.Serialize(merges.Select(merge => new[] { merge.Left, merge.Right }))}}}
            """;
    }

    private static string Unigram(string[] special, bool fallsBack = false)
    {
        var vocabulary = new JsonArray();
        foreach (var (piece, score) in Vocabularies.Unigram(Size, special))
            vocabulary.Add((JsonNode)new JsonArray(piece, score));
        return $$"""{"type":"Unigram","unk_id":1,"byte_fallback":{{(fallsBack ? "true" : "false")}},"vocab":{{vocabulary.ToJsonString()}}}""";
    }

    private static string Make(string normalizer, string preTokenizer, string model, string postProcessor, string decoder, string[] special)
    {
        var added = new JsonArray();
        for (var id = 0; id < special.Length; id++)
            added.Add(Added(special[id], id, isSpecial: true, takesLeft: special[id] == "<mask>"));
        added.Add(Added("new_token", Size + 1, isSpecial: false, takesLeft: false));
        added.Add(Added("Day", Size + 2, isSpecial: false, takesLeft: false, isWord: true));
        return $$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":{{added.ToJsonString()}},"normalizer":{{normalizer}},
            "pre_tokenizer":{{preTokenizer}},"post_processor":{{postProcessor}},"decoder":{{decoder}},"model":{{model}}}
            """;
    }

    private static JsonObject Added(string content, int id, bool isSpecial, bool takesLeft, bool isWord = false) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = isWord,
        ["lstrip"] = takesLeft,
        ["rstrip"] = false,
        ["normalized"] = !isSpecial,
        ["special"] = isSpecial,
    };
}
