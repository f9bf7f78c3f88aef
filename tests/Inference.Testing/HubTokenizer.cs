using System.Text.Json;

namespace Inference.Testing;

/// <summary>The tokenizer of a small BERT, as <c>tokenizer.json</c>.</summary>
public static class HubTokenizer
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>
    /// Creates a tokenizer with a vocabulary of lowercase words. A word that begins with ## continues a word. The first word has the id 5,
    /// after the five special tokens.
    /// </summary>
    public static string WordPiece(params string[] words)
    {
        var vocabulary = string.Join(',', Special.Concat(words).Select((word, id) => $"{JsonSerializer.Serialize(word)}:{id}"));
        var added = string.Join(',', Special.Select((token, id) =>
            $$"""{"id":{{id}},"content":"{{token}}","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"""));
        return $$$"""
            {
              "version": "1.0", "truncation": null, "padding": null, "added_tokens": [{{{added}}}],
              "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
              "pre_tokenizer": {"type": "BertPreTokenizer"},
              "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
                "pair": [
                  {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                  {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
                "special_tokens": {
                  "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]} }
              },
              "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
              "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                "vocab": { {{{vocabulary}}} }
              }
            }
            """;
    }
}
