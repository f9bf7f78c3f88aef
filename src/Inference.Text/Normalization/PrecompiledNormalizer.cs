using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text.Normalization;

/// <summary>
/// The character map of SentencePiece: a double-array trie over UTF-8 (Darts), whose values are positions in a blob of replacements. As in
/// Hugging Face's library, a grapheme of at most five bytes is replaced as a whole. Its replacement is that of the shortest key with which
/// the grapheme begins. In a longer grapheme, or without such a key, each character is replaced separately.
/// </summary>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private const int MaxGraphemeBytes = 5;

    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    /// <exception cref="FormatException">The map is damaged.</exception>
    public PrecompiledNormalizer(byte[] map)
    {
        if (map.Length < 4)
            throw new FormatException("The map of characters is damaged: it has no size.");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(map);
        if (size % 4 != 0 || size == 0 || size > map.Length - 4)
        {
            throw new FormatException(
                $"The map of characters is damaged: it declares a trie of {size} bytes, and {map.Length - 4} bytes follow.");
        }

        _trie = new uint[size / 4];
        for (var index = 0; index < _trie.Length; index++)
            _trie[index] = BinaryPrimitives.ReadUInt32LittleEndian(map.AsSpan(4 + (index * 4)));
        _replacements = map[(4 + (int)size)..];
        if (!System.Text.Unicode.Utf8.IsValid(_replacements))
            throw new FormatException("The map of characters is damaged: its replacements are not UTF-8.");
    }

    public override void Normalize(WorkingText text) => text.Rewrite(this, static (map, text, piece) => map.Normalize(text, piece));

    private void Normalize(WorkingText text, ReadOnlySpan<char> piece)
    {
        while (!piece.IsEmpty)
        {
            // A printable ASCII character before another one is a whole grapheme, because no combining mark is printable ASCII.
            var length = piece.Length == 1 || (piece[0] is >= ' ' and < '\u007F' && piece[1] is >= ' ' and < '\u007F')
                ? 1
                : StringInfo.GetNextTextElementLength(piece);
            NormalizeGrapheme(text, piece[..length]);
            piece = piece[length..];
        }

        // Hugging Face's library does not count removed characters at the start, which Metaspace notices in the scheme "first".
        text.ExtendFirstToStart();
    }

    private void NormalizeGrapheme(WorkingText text, ReadOnlySpan<char> grapheme)
    {
        Span<byte> bytes = stackalloc byte[MaxGraphemeBytes + 1];
        if (Encoding.UTF8.TryGetBytes(grapheme, bytes, out var count) && count <= MaxGraphemeBytes && Find(bytes[..count]) is { } whole)
        {
            Replace(text, CharacterClass.CountCodePoints(grapheme), whole.Span);
            return;
        }

        for (var index = 0; index < grapheme.Length;)
        {
            CharacterClass.CodePointAt(grapheme, index, out var size);
            count = Encoding.UTF8.GetBytes(grapheme.Slice(index, size), bytes);
            if (Find(bytes[..count]) is { } part)
                Replace(text, 1, part.Span);
            else
                text.Copy(size);
            index += size;
        }
    }

    /// <summary>
    /// Writes a replacement. Each new character has the original range of the replaced character at the same position. Further
    /// characters have the range of the last replaced character.
    /// </summary>
    private static void Replace(WorkingText text, int characterCount, ReadOnlySpan<byte> replacement)
    {
        var remaining = characterCount;
        while (!replacement.IsEmpty)
        {
            Rune.DecodeFromUtf8(replacement, out var rune, out var size);
            replacement = replacement[size..];
            if (remaining > 0)
                text.Replace(rune.Value);
            else
                text.Insert(rune.Value);
            remaining--;
        }

        text.DropCharacters(remaining);
    }

    /// <summary>Finds the replacement of the shortest key that the bytes start with.</summary>
    private ReadOnlyMemory<byte>? Find(ReadOnlySpan<byte> bytes)
    {
        var node = DecodeOffset(_trie[0]);
        foreach (var value in bytes)
        {
            if (value == 0)
                return null;
            node ^= value;
            if (node >= _trie.Length)
                return null;
            var unit = _trie[node];
            // Bits 0 to 7 of a unit are the byte of its edge. Bit 8 shows that a key ends here. Bit 31 marks a unit with a value.
            if ((unit & (0x80000000 | 0xFF)) != value)
                return null;
            node ^= DecodeOffset(unit);
            if ((unit >> 8 & 1) == 0)
                continue;
            return node < _trie.Length ? ReplacementAt(_trie[node] & 0x7FFFFFFF) : null;
        }

        return null;
    }

    private ReadOnlyMemory<byte>? ReplacementAt(uint offset)
    {
        if (offset > _replacements.Length)
            return null;
        var rest = _replacements.AsMemory((int)offset);
        return rest.Span.IndexOf((byte)0) is >= 0 and var end ? rest[..end] : rest;
    }

    /// <summary>Returns the offset in a unit of the trie: the bits from 10, shifted to the left by 8 if bit 9 is set.</summary>
    private static uint DecodeOffset(uint unit) => unit >> 10 << (int)((unit & (1 << 9)) >> 6);
}
