using System.Text.Json.Nodes;

namespace Inference.Text.Tests;

/// <summary>Loads files in which one value was replaced by a value of another kind.</summary>
public sealed class LoadMutationTests
{
    private static readonly string[] Replacements =
        ["null", "true", "-1", "0", "2147483648", "1e999", "0.5", "\"\"", "\"a\"", "[]", "[[]]", "{}", "{\"type\":5}"];

    /// <summary>The file is either usable or refused with its name and the path of the value.</summary>
    [Theory]
    [InlineData("""
        {"added_tokens":[{"id":4,"content":"[MASK]","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":true}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"BertNormalizer","clean_text":true,"strip_accents":null,"lowercase":true},
        {"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "},{"type":"Strip","strip_left":true,"strip_right":true}]},
        "pre_tokenizer":{"type":"BertPreTokenizer"},
        "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"C","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
        "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
        "special_tokens":{"C":{"id":"C","ids":[2],"tokens":["C"]}}},
        "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"padding":{"pad_id":0},"truncation":{"max_length":8},
        "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
        "vocab":{"[PAD]":0,"[UNK]":1,"C":2,"a":3,"[MASK]":4}}}
        """)]
    [InlineData("""
        {"normalizer":{"type":"Prepend","prepend":"x"},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"ByteLevel","add_prefix_space":true,"use_regex":true},
        {"type":"Split","pattern":{"String":" "},"behavior":"Isolated","invert":false},{"type":"Digits","individual_digits":true},
        {"type":"CharDelimiterSplit","delimiter":"-"},{"type":"FixedLength","length":5}]},
        "post_processor":{"type":"RobertaProcessing","cls":["a",0],"sep":["b",1],"trim_offsets":true,"add_prefix_space":true},
        "decoder":{"type":"Sequence","decoders":[{"type":"Strip","content":" ","start":1,"stop":0},{"type":"BPEDecoder","suffix":"w"}]},
        "model":{"type":"BPE","dropout":null,"unk_token":"a","continuing_subword_prefix":"","end_of_word_suffix":"","fuse_unk":false,
        "byte_fallback":false,"ignore_merges":false,"vocab":{"a":0,"b":1,"ab":2},"merges":["a b",["a","b"]]}}
        """)]
    [InlineData("""
        {"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"},"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}}
        """)]
    [InlineData("""
        {"pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"always","split":true},
        "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true},{"type":"BertProcessing","sep":["a",0],
        "cls":["a",0]}]},"decoder":{"type":"CTC","pad_token":"a","word_delimiter_token":"|","cleanup":true},
        "model":{"type":"Unigram","unk_id":0,"byte_fallback":false,"vocab":[["a",-1.5],["b",-2]]}}
        """)]
    public void Load_ValueOfAnotherKind_IsUsableOrNamed(string json)
    {
        using var folder = new TempFiles();
        var count = Find(JsonNode.Parse(json)!).Count();
        var refused = 0;
        for (var index = 0; index < count; index++)
        {
            foreach (var replacement in Replacements)
            {
                var root = JsonNode.Parse(json)!;
                Find(root).ElementAt(index).ReplaceWith(JsonNode.Parse(replacement));
                var file = folder.Write("tokenizer.json", root.ToJsonString());
                var error = Record.Exception(() => Tokenizer.Load(file));
                if (error is null)
                    continue;
                refused++;
                Assert.IsType<TokenizerException>(error);
                Assert.Matches("^tokenizer.json: \"[^\"]+\" ", error.Message);
            }
        }

        Assert.True(refused > 0);
    }

    private static IEnumerable<JsonNode> Find(JsonNode node)
    {
        var children = node switch
        {
            JsonObject members => members.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (var child in children.OfType<JsonNode>().ToList())
        {
            yield return child;
            foreach (var inner in Find(child))
                yield return inner;
        }
    }
}
