using System.Text;
using Inference.Models.Settings;

namespace Inference.Tests;

public sealed class QuoteTests
{
    [Fact]
    public void Shorten_ShortText_IsTheText()
    {
        var text = new string('a', Quote.MaxLength);

        Assert.Same(text, Quote.Shorten(text));
        Assert.Equal(text, Quote.Shorten(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Shorten_LongText_IsItsStart()
    {
        var text = new string('a', Quote.MaxLength + 1);

        Assert.Equal(new string('a', Quote.MaxLength - 3) + "...", Quote.Shorten(text));
        Assert.Equal(Quote.Shorten(text), Quote.Shorten(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Quotes_CharactersOfTwoParts_AreNotCutInHalf(int offset)
    {
        var text = new string('a', offset) + string.Concat(Enumerable.Repeat("\ud83d\ude00", 1000)) + "a";

        foreach (var quote in (string[])[Quote.Shorten(text), Quote.Shorten(Encoding.UTF8.GetBytes(text)), Quote.ShortenMessage(text),
            Quote.ShortenLongMessage(text)])
        {
            Assert.Equal(quote, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(quote)));
        }
    }

    /// <summary>A folder's name may contain any of these characters. One such folder must not fail the listing of all models.</summary>
    [Theory]
    [InlineData("\ud83d\ude00b", "")]
    [InlineData("\ud83d", "\ufffd")]
    public void ProblemText_CharacterAtTheEndOfTheQuote_IsWholeOrOmitted(string end, string expected)
    {
        var start = new string('a', 62);

        Assert.StartsWith($"\"{start}{expected}", ProblemText.Quote(start + end), StringComparison.Ordinal);
    }

    [Fact]
    public void ShortenMessage_LongText_KeepsBothEnds()
    {
        var message = Quote.ShortenMessage($"'{new string('a', 5000)}' is no value. LineNumber: 0");

        Assert.Equal(Quote.MaxLength - 1, message.Length);
        Assert.StartsWith("'aaa", message, StringComparison.Ordinal);
        Assert.EndsWith("aaa' is no value. LineNumber: 0", message, StringComparison.Ordinal);
    }
}
