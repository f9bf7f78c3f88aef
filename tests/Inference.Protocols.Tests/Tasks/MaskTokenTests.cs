using Inference.Models.Settings;

namespace Inference.Protocols.Tests.Tasks;

/// <summary>Tests which token of a tokenizer is the mask.</summary>
public sealed class MaskTokenTests
{
    /// <summary>XLM names an ordinary token as its mask. A vocabulary may have the mask of another tokenizer as a word.</summary>
    [Theory]
    [InlineData("<special1>", "<special1>")]
    [InlineData(null, "<mask>")]
    [InlineData("<lost>", "<mask>")]
    public void FillMask_MaskOfTheTokenizer_IsTheOnlyMask(string? named, string mask)
    {
        using var model = new TaskModel(ModelTask.FillMask, new TextSettings { MaxTokens = 16, MaskToken = named });
        WriteWords(model, "<unk>", "<mask>", "[MASK]", "<special1>", "hello");

        var words = model.Answer($$"""{"inputs":"hello {{mask}}"}""", TaskModel.Numbers(2 * 5), 1, 2, 5);
        var failure = Assert.Throws<InferenceException>(
            () => model.Answer("""{"inputs":"hello [MASK]"}""", TaskModel.Numbers(2 * 5), 1, 2, 5));

        Assert.Equal(5, words.GetArrayLength());
        Assert.Contains($"inputs has no mask. Put {mask} in place of a word", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FillMask_TokenizerWithoutAMask_IsRefusedWithTheFix()
    {
        using var model = new TaskModel(ModelTask.FillMask);
        WriteWords(model, "<unk>", "hello");

        var failure = Assert.Throws<InferenceException>(
            () => model.Answer("""{"inputs":"hello [MASK]"}""", TaskModel.Numbers(2 * 2), 1, 2, 2));

        Assert.Contains("has no mask token", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Write \"mask_token\"", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Writes a tokenizer with these words, of which <c>&lt;mask&gt;</c> is special.</summary>
    private static void WriteWords(TaskModel model, params string[] words)
    {
        var vocabulary = string.Join(',', words.Index().Select(word => $"\"{word.Item}\":{word.Index}"));
        var added = words.Contains("<mask>") ? """{"content":"<mask>","special":true}""" : "";
        File.WriteAllText(Path.Combine(model.Folder, "tokenizer.json"), $$"""
            {"added_tokens":[{{added}}],"pre_tokenizer":{"type":"WhitespaceSplit"},
            "model":{"type":"WordLevel","unk_token":"<unk>","vocab":{ {{vocabulary}} } } }
            """);
    }
}
