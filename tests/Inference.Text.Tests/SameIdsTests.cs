using System.Globalization;

namespace Inference.Text.Tests;

/// <summary>
/// Compares the ids of random texts with Hugging Face's library. The environment variable <c>TOKENIZER_TEXTS</c> sets the number of texts
/// for each kind of tokenizer, and <c>TOKENIZER_SEED</c> selects other texts.
/// </summary>
public class SameIdsTests
{
    private static readonly int Count = Number("TOKENIZER_TEXTS", 2_000);
    private static readonly int Seed = Number("TOKENIZER_SEED", 1);

    public static TheoryData<string> KindNames => [.. SampleTokenizers.Names];

    [Theory]
    [MemberData(nameof(KindNames))]
    public void Encode_RandomTexts_SameIdsAndTextsAsHuggingFace(string kind)
    {
        using var oracle = new HuggingFaceComparison(SampleTokenizers.GetJson(kind));
        var texts = new RandomTexts(Seed);
        Assert.True(oracle.Ours.VocabularySize >= 30_000);
        for (var index = 0; index < Count; index++)
            oracle.AssertSameText(oracle.AssertSameIds(texts.Next()));
    }

    private static int Number(string variable, int absent) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : absent;
}
