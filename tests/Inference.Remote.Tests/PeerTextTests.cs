using Inference.Remote.Calls;

namespace Inference.Remote.Tests;

public sealed class PeerTextTests
{
    [Theory]
    [InlineData("ab", "ab")]
    [InlineData("abc", "ab...")]
    [InlineData("a\ud83d\ude00", "a...")]
    public void OneLine_LongText_IsCutOffBetweenCharacters(string end, string expected)
    {
        var start = new string('x', 498);

        Assert.Equal(start + expected, PeerText.ToOneLine(start + end));
    }
}
