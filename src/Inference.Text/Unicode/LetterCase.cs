using System.Globalization;
using System.Text;

namespace Inference.Text.Unicode;

/// <summary>The case of letters in regular expressions, as Oniguruma defines it.</summary>
internal static class LetterCase
{
    /// <summary>Unicode's Other_Uppercase: Roman numerals, and letters in circles and squares.</summary>
    private static readonly CodePointSet OtherUppercase = new(
        [(0x2160, 0x2170), (0x24B6, 0x24D0), (0x1F130, 0x1F14A), (0x1F150, 0x1F16A), (0x1F170, 0x1F18A)]);

    /// <summary>Other_Lowercase of Unicode 16: ordinal indicators, modifier letters, Roman numerals, and letters in circles.</summary>
    private static readonly CodePointSet OtherLowercase = new(
    [
        (0xAA, 0xAB), (0xBA, 0xBB), (0x2B0, 0x2B9), (0x2C0, 0x2C2), (0x2E0, 0x2E5), (0x345, 0x346), (0x37A, 0x37B), (0x10FC, 0x10FD),
        (0x1D2C, 0x1D6B), (0x1D78, 0x1D79), (0x1D9B, 0x1DC0), (0x2071, 0x2072), (0x207F, 0x2080), (0x2090, 0x209D), (0x2170, 0x2180),
        (0x24D0, 0x24EA), (0x2C7C, 0x2C7E), (0xA69C, 0xA69E), (0xA770, 0xA771), (0xA7F2, 0xA7F5), (0xA7F8, 0xA7FA), (0xAB5C, 0xAB60),
        (0xAB69, 0xAB6A), (0x10780, 0x10781), (0x10783, 0x10786), (0x10787, 0x107B1), (0x107B2, 0x107BB), (0x1E030, 0x1E06E),
    ]);

    public static bool IsUppercase(int code) =>
        CharacterClass.Category(code) == UnicodeCategory.UppercaseLetter || OtherUppercase.Contains(code);

    public static bool IsLowercase(int code) =>
        CharacterClass.Category(code) == UnicodeCategory.LowercaseLetter || OtherLowercase.Contains(code);

    /// <summary>Returns the character that is the same for all forms of a letter that are equal when case is ignored.</summary>
    public static int Fold(int code) => code switch
    {
        // The dotted capital I and the dotless i are no forms of I.
        0x130 or 0x131 => code,
        'ſ' => 's',
        // These letters have a twin with the same decomposition.
        0x1FD3 => 0x390,
        0x1FE3 => 0x3B0,
        0xFB05 => 0xFB06,
        _ => Rune.TryCreate(code, out var rune) ? Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value : code,
    };
}
