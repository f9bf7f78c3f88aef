using System.Text;

namespace Inference.Images.Tests;

public sealed class ImageTextTests
{
    private static readonly string[] Breaks = ["", "\n", "\r\n", " ", "\t"];

    /// <summary>The base64 of the lengths has no padding, two characters and one character of padding.</summary>
    [Theory]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    public void Open_Base64InLines_IsDecodedWithAndWithoutPadding(int length)
    {
        byte[] file = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        var padded = Convert.ToBase64String(file);

        foreach (var text in (string[])[padded, padded.TrimEnd('=')])
        {
            foreach (var between in Breaks)
            {
                var lines = string.Join(between, text.Chunk(76).Select(line => new string(line)));
                using var sut = ImageText.Open(Encoding.ASCII.GetBytes(lines), "x");
                Assert.Equal(file, sut.Bytes.ToArray());
            }
        }
    }
}
