namespace Inference.Text.Tests;

/// <summary>Compares lowercased texts with those of Python's <c>str.lower</c>.</summary>
public class TextCasingTests
{
    [Theory]
    [InlineData("Hello WORLD \u00c9", "hello world \u00e9")]
    [InlineData("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2")]
    [InlineData("\u0391\u03a3. \u03a3\u0391", "\u03b1\u03c2. \u03c3\u03b1")]
    [InlineData("\u0391\u03a3\u0391", "\u03b1\u03c3\u03b1")]
    [InlineData("\u0391\u03a3'\u0391", "\u03b1\u03c3'\u03b1")]
    [InlineData("\u0391\u0301\u03a3'", "\u03b1\u0301\u03c2'")]
    [InlineData("\u03a3\u03a3", "\u03c3\u03c2")]
    [InlineData("\u03a3 1\u03a3", "\u03c3 1\u03c3")]
    [InlineData("\U00010400\u03a3", "\U00010428\u03c2")]
    [InlineData("A\u03a3\U00010400", "a\u03c3\U00010428")]
    [InlineData("\u2160\u03a3 \u24b6\u03a3", "\u2170\u03c2 \u24d0\u03c2")]
    [InlineData("\u0130X", "i\u0307x")]
    public void ToLower_Text_IsThatOfPython(string text, string expected) => Assert.Equal(expected, TextCasing.ToLower(text));
}
