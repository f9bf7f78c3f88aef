using System.Text;

namespace Inference.Tests;

public sealed class Base64TextTests
{
    private static readonly string[] Breaks = ["", "\n", "\r\n", " ", "\t"];

    /// <summary>The base64 of the lengths has no padding, two characters and one character of padding.</summary>
    [Theory]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    public void TryDecode_Lines_AreDecodedWithAndWithoutPadding(int length)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        var padded = Convert.ToBase64String(bytes);

        foreach (var text in (string[])[padded, padded.TrimEnd('=')])
        {
            foreach (var between in Breaks)
            {
                var lines = Encoding.ASCII.GetBytes(string.Join(between, text.Chunk(76).Select(line => new string(line))));
                byte[] buffer = [.. lines, .. new byte[Base64Text.MaxPadding]];

                Assert.True(Base64Text.TryDecode(buffer, lines.Length, out var decoded));
                Assert.Equal(bytes, buffer[..decoded]);
            }
        }
    }
}
