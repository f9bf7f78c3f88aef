using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text.Normalization;

/// <summary>
/// The normalizer of BERT. Depending on the settings, the normalizer removes control characters, inserts spaces around Chinese characters,
/// removes accents, and lowercases letters.
/// </summary>
internal sealed class BertNormalizer(bool cleansText, bool separatesChinese, bool stripsAccents, bool lowers) : Normalizer
{
    public override void Normalize(WorkingText text)
    {
        if (Ascii.IsValid(text.Chars))
        {
            text.Rewrite(this, static (normalizer, text, piece) => normalizer.NormalizeAscii(text, piece));
            return;
        }

        if (cleansText)
            text.Rewrite(0, static (_, text, piece) => Clean(text, piece));
        if (separatesChinese)
            text.Rewrite(0, static (_, text, piece) => SeparateChinese(text, piece));
        if (stripsAccents)
        {
            UnicodeNormalizer.Decomposed.Normalize(text);
            text.Rewrite(UnicodeData.Instance.NonspacingMarks, StripAccentsNormalizer.Strip);
        }

        if (lowers)
            text.Rewrite(0, static (_, text, piece) => LowercaseNormalizer.Lower(text, piece));
    }

    private void NormalizeAscii(WorkingText text, ReadOnlySpan<char> piece)
    {
        foreach (var character in piece)
        {
            if (cleansText && IsControl(character))
                text.DropCharacters(1);
            else if (cleansText && character is '\t' or '\n' or '\r')
                text.Replace(' ');
            else
                text.Replace(lowers ? char.ToLowerInvariant(character) : character);
        }
    }

    private static void Clean(WorkingText text, ReadOnlySpan<char> piece)
    {
        for (var index = 0; index < piece.Length;)
        {
            var code = CharacterClass.CodePointAt(piece, index, out var size);
            if (IsControl(code))
                text.DropUnits(size);
            else if (CharacterClass.IsWhitespace(code))
                text.Replace(' ');
            else
                text.Copy(size);
            index += size;
        }
    }

    private static void SeparateChinese(WorkingText text, ReadOnlySpan<char> piece)
    {
        for (var index = 0; index < piece.Length;)
        {
            var code = CharacterClass.CodePointAt(piece, index, out var size);
            if (IsChinese(code))
            {
                // The first space has the original range of the character that it replaces. Inserted characters share that range.
                text.Replace(' ');
                text.Insert(code);
                text.Insert(' ');
            }
            else
            {
                text.Copy(size);
            }

            index += size;
        }
    }

    private static bool IsControl(int code) => code switch
    {
        '\t' or '\n' or '\r' => false,
        0 or 0xFFFD => true,
        < 128 => code is < ' ' or 0x7F,
        _ => UnicodeData.Instance.Other.Contains(code),
    };

    /// <summary>
    /// Whether a character is in one of the Chinese blocks of Hugging Face's library. In that library, one block begins at U+2B920. In
    /// BERT's own code, the same block begins at U+2B820.
    /// </summary>
    private static bool IsChinese(int code) => code is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B81F)
        or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
