using System.Text.Json;
using Inference.Models.Settings;
using Inference.Text.Added;

namespace Inference.Text.Reading;

/// <summary>Reads tokenizer.json, the file of Hugging Face's tokenizers.</summary>
internal static class TokenizerJson
{
    /// <exception cref="TokenizerException">The file cannot be used. The message names the file and the path in it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tokenizer Read(string path)
    {
        var (name, json) = (Path.GetFileName(path), VocabularyFiles.ReadUtf8(path));
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(new JsonPart(document.RootElement, ""));
        }
        catch (TokenizerException e)
        {
            throw new TokenizerException($"{name}: {e.Message}", e);
        }
        // System.Text.Json throws InvalidOperationException for a string with an escaped unpaired surrogate.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TokenizerException($"{name} is not valid JSON: {StrictJson.Describe(e, json.Span)}", e);
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
            PaddingId = root.Property("padding") is { IsNull: false } padding ? padding.IdOr("pad_id", 0) : null,
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
}
