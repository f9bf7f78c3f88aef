using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text;

/// <summary>The visible characters with which byte-level tokenizers represent bytes, as in GPT-2.</summary>
internal static class ByteCharacters
{
    /// <summary>The exclusive upper bound of the characters.</summary>
    private const int End = 0x144;

    private static readonly char[] Characters = CreateCharacters();
    private static readonly short[] Bytes = CreateBytes();

    /// <summary>The character that represents a space.</summary>
    public const char Space = 'Ġ';

    /// <summary>Returns the character that represents a byte.</summary>
    public static char ToCharacter(byte value) => Characters[value];

    /// <returns>-1 for a character that represents no byte.</returns>
    public static int ToByte(char character) => character < End ? Bytes[character] : -1;

    /// <summary>Replaces a piece of text with the characters that represent its UTF-8 bytes.</summary>
    public static void Write(WorkingText text, ReadOnlySpan<char> piece)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var index = 0; index < piece.Length;)
        {
            var code = CharacterClass.CodePointAt(piece, index, out var size);
            if (code < 128)
            {
                text.Replace(Characters[code]);
                index++;
                continue;
            }

            var count = new Rune(code).EncodeToUtf8(bytes);
            text.Replace(Characters[bytes[0]]);
            foreach (var value in bytes[1..count])
                text.Insert(Characters[value]);
            index += size;
        }
    }

    private static char[] CreateCharacters()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < characters.Length; value++)
        {
            var isVisible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            characters[value] = (char)(isVisible ? value : next++);
        }

        return characters;
    }

    private static short[] CreateBytes()
    {
        var bytes = new short[End];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < Characters.Length; value++)
            bytes[Characters[value]] = (short)value;
        return bytes;
    }
}
