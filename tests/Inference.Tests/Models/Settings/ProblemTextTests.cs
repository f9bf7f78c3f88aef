using System.Text;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Tests.Models.Settings;

public sealed class ProblemTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" Known here: alpha, beta.", "beta", "alpha")]
    [InlineData(" Did you mean \"gamma\"?", "gamma", "alpha")]
    public void Suggest_AnUnknownName_ListsTheKnownNames(string expected, params string[] known) =>
        Assert.Equal(expected, ProblemText.Suggest("gama", known));

    /// <summary>The words of the library are for programmers who use its reader.</summary>
    [Theory]
    [InlineData("", "The text is empty.")]
    [InlineData(" ", "The text is empty.")]
    [InlineData("[1", null)]
    [InlineData("[true", "The text ends before every object and array is closed, at line 1, byte 6.")]
    [InlineData("{\"a\":[1]", "The text ends before every object and array is closed, at line 1, byte 9.")]
    [InlineData("{\"a\":", null)]
    [InlineData("{\"a\"", null)]
    [InlineData("{\"a\":1,", null)]
    [InlineData("{", null)]
    [InlineData("\"a", null)]
    [InlineData("-", null)]
    [InlineData("1.", null)]
    [InlineData("1e", null)]
    [InlineData("01", null)]
    [InlineData("tru", null)]
    [InlineData("[1,]", null)]
    [InlineData("{\"a\":1,}", null)]
    [InlineData("[1] 2", null)]
    [InlineData("[1 2]", null)]
    [InlineData("{a:1}", null)]
    [InlineData("// note", null)]
    [InlineData("\"\\x\"", null)]
    [InlineData("\"\n\"", null)]
    public void Describe_InvalidJson_HasNoWordsOfTheLibrary(string json, string? expected)
    {
        var text = Encoding.UTF8.GetBytes(json);
        var descriptions = new List<string>
        {
            ProblemText.Describe(Assert.ThrowsAny<JsonException>(() => StrictJson.ThrowIfInvalid(text))),
            ProblemText.Describe(Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(text).Dispose())),
        };

        Assert.All(descriptions, description => AssertPlain(description));
        if (expected is not null)
            Assert.All(descriptions, description => Assert.StartsWith(expected.TrimEnd('.'), description));
    }

    [Fact]
    public void Describe_NestingThatIsTooDeep_HasNoWordsOfTheLibrary()
    {
        var text = Encoding.UTF8.GetBytes(new string('[', 100));

        AssertPlain(ProblemText.Describe(Assert.ThrowsAny<JsonException>(() => StrictJson.ThrowIfInvalid(text))));
    }

    [Theory]
    [InlineData("a\ud83d\ude00b", "\"a\ud83d\ude00b\"")]
    [InlineData("caf\u00e9", "\"caf\u00e9\"")]
    [InlineData("a\"b\nc\\", "\"a\\\"b\\nc\\\\\"")]
    public void Quote_Text_KeepsPrintableCharacters(string text, string quoted) => Assert.Equal(quoted, ProblemText.Quote(text));

    [Fact]
    public void Quote_LongText_IsNotCutWithinACharacter()
    {
        for (var length = 60; length < 66; length++)
        {
            var quoted = ProblemText.Quote(new string('a', length) + string.Concat(Enumerable.Repeat("\ud83d\ude00", 9)));

            Assert.DoesNotContain("ud83d", quoted, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(quoted, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(quoted)));
        }
    }

    private static void AssertPlain(string description)
    {
        string[] words = ["payload", "isFinalBlock", "reader", "token", "mode", "end of data", "configured", "LineNumber", "depth to be"];
        Assert.All(words, word => Assert.DoesNotContain(word, description, StringComparison.OrdinalIgnoreCase));
    }
}
