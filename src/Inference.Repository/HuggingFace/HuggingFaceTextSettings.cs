using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Repository.HuggingFace;

/// <summary>Reads the text settings of a Hugging Face folder.</summary>
internal static class HuggingFaceTextSettings
{
    private const string TokenizerConfigFile = "tokenizer_config.json";
    public const string TokenizerFile = "tokenizer.json";
    private const string WordPieceFile = "vocab.txt";
    private const string BpeFile = "vocab.json";

    /// <summary>The name of the output with the embedding, in graphs that Sentence Transformers exported.</summary>
    private const string EmbeddingOutput = "sentence_embedding";

    /// <summary>A maximum length from this value on means "no limit". Tokenizers without a limit have the maximum length 1e30.</summary>
    private const int NoLengthLimit = 1 << 24;

    /// <summary>
    /// The names that Sentence Transformers has used for the file with the maximum length of texts and the option to lowercase them.
    /// </summary>
    private static readonly string[] LengthFiles =
    [
        "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    /// <summary>The files that name the special tokens. The first file that names a token counts.</summary>
    private static readonly string[] SpecialTokenFiles = [TokenizerConfigFile, "special_tokens_map.json"];

    public static TextSettings Read(FolderJson files, HuggingFaceConfig config, ModelTask task, ModelSignature signature)
    {
        var settings = ReadTokenizer(files) with { Scores = config.Scores };
        if (FindMaxTokens(files, config) is { } tokens)
            settings = settings with { MaxTokens = tokens };
        return task switch
        {
            ModelTask.FeatureExtraction => AddModules(settings, files, signature),
            ModelTask.FillMask => settings with { MaskToken = FindSpecialToken(files, "mask_token") },
            ModelTask.TokenClassification => settings with { UnknownToken = FindSpecialToken(files, "unk_token") },
            _ => settings,
        };
    }

    /// <summary>Returns the text of a special token: a string, or the content of an object. Null when no file names the token.</summary>
    private static string? FindSpecialToken(FolderJson files, string name) => SpecialTokenFiles
        .Select(file => files.Read(file, "text").Get(name))
        .Select(token => token.ValueKind == JsonValueKind.String ? token.GetString() : token.GetText("content"))
        .FirstOrDefault(token => token is not null);

    private static TextSettings ReadTokenizer(FolderJson files)
    {
        // Sentence Transformers lowercases texts before the tokenizer runs.
        var isLowered = LengthFiles.Where(files.HasFileOrFolder)
            .Any(file => files.Read(file, "text.lowercase").GetFlag("do_lower_case") == true);
        if (files.HasFileOrFolder(TokenizerFile) && !files.HasFile(TokenizerFile))
            files.AddProblem("text.vocab", TokenizerFile, "", FolderJson.FolderMessage);
        if (files.HasFileOrFolder(TokenizerFile))
            return new TextSettings { Lowercase = isLowered };
        if (files.HasFile(WordPieceFile))
        {
            var config = files.Read(TokenizerConfigFile, "text.lowercase");
            return new TextSettings
            {
                Tokenizer = TokenizerKind.WordPiece,
                Lowercase = isLowered || (config.GetFlag("do_lower_case") ?? true),
                StripsAccents = config.GetFlag("strip_accents"),
                SeparatesChinese = config.GetFlag("tokenize_chinese_chars") ?? true,
            };
        }

        if (files.HasFile(BpeFile))
            return new TextSettings { Tokenizer = TokenizerKind.Bpe };
        files.AddProblem(
            "text.vocab", TokenizerFile, "", "The file is missing, so texts cannot be tokenized. Add it to the folder of the model.",
            isUnsupported: true);
        return new TextSettings();
    }

    /// <summary>Returns the smallest of the maximum lengths in the files.</summary>
    private static int? FindMaxTokens(FolderJson files, HuggingFaceConfig config)
    {
        const string Key = "text.maxTokens";
        var lengths = LengthFiles.Where(files.HasFileOrFolder).Select(file => files.Read(file, Key).GetCount("max_seq_length"))
            .Append(files.Read(TokenizerConfigFile, Key).GetCount("model_max_length"))
            .Append(config.MaxPositions)
            .OfType<int>().Where(length => length < NoLengthLimit).ToList();
        return lengths.Count == 0 ? null : Math.Min(lengths.Min(), TextSettings.MaxTokensLimit);
    }

    private static TextSettings AddModules(TextSettings settings, FolderJson files, ModelSignature signature)
    {
        var modules = new SentenceModules(files);
        var (prompts, defaultPrompt) = modules.ReadPrompts();
        settings = settings with { Prompts = prompts, DefaultPrompt = defaultPrompt, Normalize = modules.IsNormalized };
        if (signature.Outputs.Any(output => output is { Name: EmbeddingOutput, Type: ElementType.Float32, Shape.Rank: 2 }))
            return settings with { Pooling = TextPooling.None };
        if (modules.Pooling is { } pooling)
            return settings with { Pooling = pooling, Dense = modules.DenseFolders };
        files.AddProblem(
            "text.pooling", SentenceModules.File, "",
            $"The file names no supported pooling, or is missing, and the model has no output \"{EmbeddingOutput}\". Write \"text\": "
            + "{\"pooling\": \"mean\"} or another pooling in model.json.",
            isUnsupported: true);
        return settings;
    }
}
