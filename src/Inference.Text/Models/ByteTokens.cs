using System.Globalization;

namespace Inference.Text.Models;

/// <summary>The tokens of single bytes in vocabularies of SentencePiece, such as &lt;0xE2&gt;.</summary>
internal static class ByteTokens
{
    private const int None = -1;

    /// <returns>For each byte, the id of its token; negative for a byte without a token.</returns>
    public static int[] Find(Vocabulary vocabulary)
    {
        var ids = new int[256];
        for (var value = 0; value < ids.Length; value++)
            ids[value] = vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
        return ids;
    }

    /// <summary>Finds the ids of the bytes of a text.</summary>
    /// <param name="idsByByte">The id for each byte, from <see cref="Find"/>.</param>
    /// <param name="ids">Receives the ids; its length is three times the number of code units.</param>
    /// <returns>The number of ids; zero when a byte has no token.</returns>
    public static int Encode(int[] idsByByte, ReadOnlySpan<char> text, Span<int> ids)
    {
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                if (idsByByte[value] == None)
                    return 0;
                ids[count++] = idsByByte[value];
            }
        }

        return count;
    }
}
