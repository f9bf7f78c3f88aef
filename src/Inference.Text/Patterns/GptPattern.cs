using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>
/// Matches the patterns of GPT-2 and of its successors (Llama 3, Qwen 2), without a regular expression. Most byte-level tokenizers use one
/// of these patterns. The patterns match contractions, letters, digits, other characters and whitespace, and leave no text between the
/// matches.
/// </summary>
/// <param name="isSuccessor">
/// Whether the pattern is that of a successor. In a successor's pattern, a match of letters includes one preceding character, and line
/// breaks are separate matches.
/// </param>
/// <param name="maxDigits">The maximum number of digits in one match, for a successor's pattern.</param>
internal sealed class GptPattern(bool isSuccessor, int maxDigits) : TextPattern
{
    private const string SuccessorStart = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private const string SuccessorEnd = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /// <summary>The pattern of GPT-2.</summary>
    public static readonly GptPattern Gpt2 = new(isSuccessor: false, maxDigits: int.MaxValue);

    private enum Kind
    {
        Letter,
        Number,
        Whitespace,
        Other,
    }

    /// <summary>Returns the pattern for one of the expressions of GPT-2 and its successors; null for any other expression.</summary>
    public static GptPattern? TryCreate(string expression) => expression switch
    {
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+" => Gpt2,
        SuccessorStart + "\\p{N}{1,3}" + SuccessorEnd => new GptPattern(isSuccessor: true, maxDigits: 3),
        SuccessorStart + "\\p{N}" + SuccessorEnd => new GptPattern(isSuccessor: true, maxDigits: 1),
        _ => null,
    };

    public override void Find(ReadOnlySpan<char> text, List<Match> matches)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = isSuccessor ? EndOfSuccessorMatch(text, start) : EndOfGpt2Match(text, start);
            matches.Add(new Match(start, end));
            start = end;
        }
    }

    private static int EndOfGpt2Match(ReadOnlySpan<char> text, int start)
    {
        if (ContractionLength(text, start, ignoresCase: false) is > 0 and var contraction)
            return start + contraction;
        // A space belongs to the letters, digits or other characters after it.
        var word = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var kind = KindAt(text, word, out _);
        return kind == Kind.Whitespace ? EndOfWhitespace(text, start) : EndOfRun(text, word, kind, int.MaxValue);
    }

    private int EndOfSuccessorMatch(ReadOnlySpan<char> text, int start)
    {
        if (ContractionLength(text, start, ignoresCase: true) is > 0 and var contraction)
            return start + contraction;
        var kind = KindAt(text, start, out var size);
        if (kind == Kind.Letter)
            return EndOfRun(text, start, kind, int.MaxValue);
        if (kind == Kind.Number)
            return EndOfRun(text, start, kind, maxDigits);
        var next = start + size;
        var nextKind = next < text.Length ? KindAt(text, next, out _) : Kind.Whitespace;
        if (nextKind == Kind.Letter && text[start] is not ('\r' or '\n'))
            return EndOfRun(text, next, nextKind, int.MaxValue);
        if (kind == Kind.Other || (text[start] == ' ' && nextKind == Kind.Other))
        {
            var end = EndOfRun(text, kind == Kind.Other ? start : next, Kind.Other, int.MaxValue);
            while (end < text.Length && text[end] is '\r' or '\n')
                end++;
            return end;
        }

        return EndOfLines(text, start) is > 0 and var lines ? lines : EndOfWhitespace(text, start);
    }

    /// <summary>Returns the end of the last line break in the whitespace at a position; 0 when there is none.</summary>
    private static int EndOfLines(ReadOnlySpan<char> text, int start)
    {
        var last = -1;
        for (var index = start; index < text.Length && char.IsWhiteSpace(text[index]); index++)
        {
            if (text[index] is '\r' or '\n')
                last = index;
        }

        return last + 1;
    }

    /// <summary>
    /// Returns the end of a run of whitespace. If several whitespace characters precede a word, the last of them belongs to the word.
    /// </summary>
    private static int EndOfWhitespace(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int EndOfRun(ReadOnlySpan<char> text, int start, Kind kind, int maxCharacters)
    {
        var end = start;
        while (end < text.Length && maxCharacters-- > 0 && KindAt(text, end, out var size) == kind)
            end += size;
        return end;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int index, out int size)
    {
        var code = CharacterClass.CodePointAt(text, index, out size);
        if (CharacterClass.IsLetter(code))
            return Kind.Letter;
        if (CharacterClass.IsWhitespace(code))
            return Kind.Whitespace;
        return CharacterClass.IsNumber(code) ? Kind.Number : Kind.Other;
    }

    /// <returns>The length of the contraction at a position; 0 when there is none.</returns>
    private static int ContractionLength(ReadOnlySpan<char> text, int start, bool ignoresCase)
    {
        if (text[start] != '\'' || start + 1 >= text.Length)
            return 0;
        var first = Fold(text[start + 1], ignoresCase);
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        if (start + 2 >= text.Length)
            return 0;
        return (first, Fold(text[start + 2], ignoresCase)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    /// <summary>Folds the case of a letter. The long s equals s in expressions that ignore case.</summary>
    private static char Fold(char letter, bool ignoresCase)
    {
        const char LongS = 'ſ';
        if (!ignoresCase)
            return letter;
        return letter == LongS ? 's' : char.IsAsciiLetterUpper(letter) ? (char)(letter | 0x20) : letter;
    }
}
