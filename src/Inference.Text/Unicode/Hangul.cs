namespace Inference.Text.Unicode;

/// <summary>Composes and decomposes Hangul syllables (The Unicode Standard, 3.12).</summary>
internal static class Hangul
{
    private const int FirstSyllable = 0xAC00;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;

    /// <summary>The code point before the first tail (final consonant). It represents the missing tail of a syllable.</summary>
    private const int NoTail = 0x11A7;

    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TailCount;

    public static bool IsSyllable(int code) => (uint)(code - FirstSyllable) < SyllableCount;

    /// <summary>Decomposes a syllable.</summary>
    /// <returns>The number of parts: 2 or 3.</returns>
    public static int Decompose(int syllable, Span<int> parts)
    {
        var index = syllable - FirstSyllable;
        parts[0] = FirstLead + (index / (VowelCount * TailCount));
        parts[1] = FirstVowel + (index % (VowelCount * TailCount) / TailCount);
        parts[2] = NoTail + (index % TailCount);
        return index % TailCount == 0 ? 2 : 3;
    }

    /// <summary>Joins a lead (initial consonant) to a vowel, or a tail to a syllable that has none.</summary>
    /// <returns>The syllable; -1 when the characters form none.</returns>
    public static int Compose(int first, int second)
    {
        if ((uint)(first - FirstLead) < LeadCount && (uint)(second - FirstVowel) < VowelCount)
            return FirstSyllable + ((((first - FirstLead) * VowelCount) + second - FirstVowel) * TailCount);
        var isOpen = IsSyllable(first) && (first - FirstSyllable) % TailCount == 0;
        return isOpen && second is > NoTail and < NoTail + TailCount ? first + second - NoTail : -1;
    }
}
