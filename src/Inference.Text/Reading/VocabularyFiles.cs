using System.Text;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Text.Added;
using Inference.Text.Decoding;
using Inference.Text.Models;
using Inference.Text.Normalization;
using Inference.Text.PostProcessing;
using Inference.Text.PreTokenization;

namespace Inference.Text.Reading;

/// <summary>Reads formats older than tokenizer.json: vocab.txt of BERT, vocab.json and merges.txt of GPT-2 and RoBERTa.</summary>
internal static class VocabularyFiles
{
    private const string Unknown = "[UNK]";

    /// <summary>The special tokens of GPT-2 and RoBERTa, which texts may contain literally.</summary>
    private static readonly string[] BpeSpecials = ["<s>", "</s>", "<pad>", "<unk>", "<mask>", "<|endoftext|>"];

    private static readonly string[] BertSpecials = ["[PAD]", Unknown, "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Reads the tokenizer of BERT.</summary>
    /// <param name="path">A file with one token per line; the zero-based number of the line is the id.</param>
    public static Tokenizer ReadWordPiece(string path, BertNormalizer normalizer)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, token) in ReadLines(path).Index())
            ids[token] = id;
        var vocabulary = new Vocabulary(ids);
        var model = new WordPieceModel(vocabulary, Unknown, "##", maxCharacters: 100);
        GetRequiredId(vocabulary, Unknown, path);
        var (first, separator) = (GetRequiredId(vocabulary, "[CLS]", path), GetRequiredId(vocabulary, "[SEP]", path));
        return new Tokenizer(new TokenizerComponents(model)
        {
            Normalizer = normalizer,
            PreTokenizer = new BertPreTokenizer(),
            PostProcessor = new BertPostProcessor(first, separator),
            Decoder = new WordPieceDecoder("##", cleans: true),
            Added = CreateSpecialTokens(BertSpecials, vocabulary, model, normalizer),
            PaddingId = Math.Max(0, vocabulary.IdOf("[PAD]")),
        });
    }

    /// <summary>Reads the tokenizer of GPT-2, or RoBERTa's if the vocabulary contains its special tokens.</summary>
    /// <param name="vocabularyPath">A file with an object of tokens and ids.</param>
    /// <param name="mergesPath">A file with two tokens per line, in the order of merging.</param>
    public static Tokenizer ReadBpe(string vocabularyPath, string mergesPath)
    {
        var vocabulary = ReadVocabulary(vocabularyPath);
        BpeModel model;
        try
        {
            model = new BpeModel(vocabulary, ReadMerges(mergesPath), new BpeSettings());
        }
        catch (FormatException e)
        {
            throw FileError(mergesPath, $"does not fit its vocabulary: {e.Message.TrimEnd('.')}", e);
        }

        var (first, last) = (vocabulary.IdOf("<s>"), vocabulary.IdOf("</s>"));
        return new Tokenizer(new TokenizerComponents(model)
        {
            PreTokenizer = new ByteLevelPreTokenizer(addsPrefixSpace: false, splits: true),
            PostProcessor = first >= 0 && last >= 0
                ? new RobertaPostProcessor(first, last, trims: true, hasPrefixSpace: false)
                : new ByteLevelPostProcessor(trims: true, hasPrefixSpace: false),
            Decoder = new ByteLevelDecoder(),
            Added = CreateSpecialTokens(BpeSpecials, vocabulary, model, normalizer: null),
            PaddingId = Math.Max(0, vocabulary.IdOf("<pad>")),
        });
    }

    /// <summary>Splits a line of merges.txt into its two tokens.</summary>
    /// <returns>Null when the line is not two tokens separated by a space.</returns>
    public static (string Left, string Right)? SplitMerge(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 || line.LastIndexOf(' ') != space ? null : (line[..space], line[(space + 1)..]);
    }

    /// <summary>Reads a file without its byte order mark.</summary>
    public static ReadOnlyMemory<byte> ReadUtf8(string path) => ByteOrderMark.Skip(new ReadOnlyMemory<byte>(File.ReadAllBytes(path)));

    private static (string Left, string Right)[] ReadMerges(string path) => [.. ReadLines(path).Index()
        .Where(line => line.Item.Length > 0 && !line.Item.StartsWith("#version", StringComparison.Ordinal))
        .Select(line => SplitMerge(line.Item) ?? throw FileError(
            path, $"has \"{Quote.Shorten(line.Item)}\" in line {line.Index + 1}; expected two tokens with a space between"))];

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException e)
        {
            throw FileError(path, $"is not in UTF-8, at {InvalidUtf8.Find(File.ReadAllBytes(path))}", e);
        }
    }

    private static Vocabulary ReadVocabulary(string path)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var json = ReadUtf8(path);
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var (token, id) in new JsonPart(document.RootElement, "").Properties())
                ids[token] = id.AsId();
        }
        catch (TokenizerException e)
        {
            throw FileError(path, $"is not an object of tokens and their ids: {e.Message.TrimEnd('.')}", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw FileError(path, $"is not valid JSON: {StrictJson.Describe(e, json.Span).TrimEnd('.')}", e);
        }

        return new Vocabulary(ids);
    }

    /// <summary>Returns the special tokens in the vocabulary. In RoBERTa, whitespace before a mask belongs to the mask.</summary>
    private static AddedVocabulary CreateSpecialTokens(string[] names, Vocabulary vocabulary, TokenModel model, Normalizer? normalizer)
    {
        var presentNames = names.Where(name => vocabulary.IdOf(name) >= 0);
        return new AddedVocabulary(
            [.. presentNames.Select(name => new AddedToken(name) { IsSpecial = true, StripsLeft = name == "<mask>" })], model, normalizer);
    }

    private static int GetRequiredId(Vocabulary vocabulary, string token, string path) =>
        vocabulary.IdOf(token) is >= 0 and var id ? id : throw FileError(path, $"has no token \"{token}\"");

    private static TokenizerException FileError(string path, string problem, Exception? cause = null) =>
        new($"{Path.GetFileName(path)} {problem}.", cause!);
}
