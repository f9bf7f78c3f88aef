using System.Globalization;
using System.Text;

namespace Inference.Text.Patterns;

/// <summary>
/// Translates an Oniguruma expression (in Ruby syntax, which is the default) to a .NET one. Classes become sets of code units, possessive
/// quantifiers become atomic groups, and <c>^</c> and <c>$</c> match at the start and end of each line.
/// </summary>
internal sealed partial class OnigurumaTranslator(string expression)
{
    /// <summary>The long s. When case is ignored, the long s equals s in Oniguruma, but not in .NET.</summary>
    private const char LongS = 'ſ';

    private readonly StringBuilder _pattern = new();

    /// <summary>The start of each open group in the result, and whether case was ignored before it.</summary>
    private readonly Stack<(int Start, bool IgnoresCase)> _groups = [];

    private int _position;

    /// <summary>The start of the last atom in the result, which a possessive quantifier encloses.</summary>
    private int _atomStart;

    private bool _ignoresCase;

    /// <returns>The .NET expression.</returns>
    /// <exception cref="FormatException">The expression contains an unsupported element.</exception>
    public string Translate()
    {
        while (_position < expression.Length)
            TranslateNext();
        return _groups.Count == 0 ? _pattern.ToString() : throw UnsupportedError("a group that does not end");
    }

    private void TranslateNext()
    {
        var character = expression[_position];
        switch (character)
        {
            case '\\':
                BeginAtom();
                TranslateEscape();
                break;
            case '[':
                BeginAtom();
                Fold(ReadClass()).WriteTo(_pattern);
                break;
            case '(':
                BeginGroup();
                break;
            case ')':
                EndGroup();
                break;
            case '*' or '+' or '?' or '{':
                TranslateQuantifier();
                break;
            case '^' or '$':
                BeginAtom();
                // Matches at the start or end of each line. A line break at the end of the text does not begin a line, but "$" matches
                // after it.
                _pattern.Append(character == '^' ? "(?:\\A|(?<=\\n)(?!\\z))" : "(?=\\n|\\z)");
                _position++;
                break;
            default:
                BeginAtom();
                _pattern.Append(character is '.' or '|' ? character.ToString() : TranslateLiteral(character));
                _position++;
                break;
        }
    }

    private void BeginAtom() => _atomStart = _pattern.Length;

    private void BeginGroup()
    {
        _groups.Push((_pattern.Length, _ignoresCase));
        foreach (var opening in (ReadOnlySpan<string>)["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"])
        {
            if (!IsNext(opening))
                continue;
            _pattern.Append(opening);
            _position += opening.Length;
            return;
        }

        if (!IsNext("(?"))
        {
            // Groups are never referenced, so they need not capture.
            _pattern.Append("(?:");
            _position++;
            return;
        }

        TranslateOptions();
    }

    /// <summary>Translates options: (?i), or (?i: at the start of a group. Oniguruma's option m is the option s of .NET.</summary>
    private void TranslateOptions()
    {
        var end = expression.AsSpan(_position + 2).IndexOfAny(':', ')') + _position + 2;
        var options = end < _position + 2 ? "" : expression[(_position + 2)..end];
        if (options.Length == 0 || options.AsSpan().ContainsAnyExcept("imx-"))
            throw UnsupportedError($"\"{expression[_position..Math.Min(expression.Length, _position + 8)]}\"");
        _pattern.Append("(?").Append(options.Replace('m', 's')).Append(expression[end]);
        var parts = options.Split('-');
        _ignoresCase = parts[0].Contains('i', StringComparison.Ordinal)
            || (_ignoresCase && !parts[^1].Contains('i', StringComparison.Ordinal));
        _position = end + 1;
        if (expression[end] == ')')
            _groups.Pop();
    }

    private void EndGroup()
    {
        if (!_groups.TryPop(out var group))
            throw UnsupportedError("a \")\" without \"(\"");
        (_atomStart, _ignoresCase) = group;
        _pattern.Append(')');
        _position++;
    }

    private void TranslateQuantifier()
    {
        var start = _position;
        if (expression[_position] != '{')
        {
            _pattern.Append(expression[_position++]);
        }
        else if (ReadInterval() is { } interval)
        {
            _pattern.Append(interval);
        }
        else
        {
            BeginAtom();
            _pattern.Append("\\{");
            _position++;
            return;
        }

        if (_position < expression.Length && expression[_position] == '?')
        {
            _pattern.Append(expression[_position++]);
        }
        else if (_position < expression.Length && expression[_position] == '+' && expression[start] != '{')
        {
            _pattern.Insert(_atomStart, "(?>").Append(')');
            _position++;
        }
    }

    /// <summary>Reads {n}, {n,}, {,m} or {n,m}; returns null when the brace is a character.</summary>
    private string? ReadInterval()
    {
        var end = expression.IndexOf('}', _position);
        if (end < 0)
            return null;
        var inside = expression[(_position + 1)..end];
        var parts = inside.Split(',');
        if (parts.Length > 2 || Array.Exists(parts, part => part.AsSpan().ContainsAnyExceptInRange('0', '9')) || inside is "" or ",")
            return null;
        _position = end + 1;
        return parts[0].Length == 0 ? $"{{0{inside}}}" : $"{{{inside}}}";
    }

    private void TranslateEscape()
    {
        if (ReadSetEscape() is { } set)
        {
            set.WriteTo(_pattern);
            return;
        }

        var character = EscapedCharacter;
        switch (character)
        {
            case 'A' or 'z' or 'Z':
                _pattern.Append('\\').Append(character);
                _position += 2;
                break;
            case 'b' or 'B':
                AppendBoundary(character == 'b');
                _position += 2;
                break;
            case 'R':
                _pattern.Append("(?>\\r\\n|[\\n-\\r\\u0085\\u2028\\u2029])");
                _position += 2;
                break;
            default:
                _pattern.Append(TranslateLiteral(ReadCharacterEscape()));
                break;
        }
    }

    /// <summary>Appends \b or \B as lookaround, because .NET defines words differently.</summary>
    private void AppendBoundary(bool isBoundary)
    {
        var word = new StringBuilder();
        PropertySets.Word.WriteTo(word);
        var (afterWord, otherwise) = isBoundary ? ('!', '=') : ('=', '!');
        _pattern.Append(CultureInfo.InvariantCulture, $"(?:(?<={word})(?{afterWord}{word})|(?<!{word})(?{otherwise}{word}))");
    }

    /// <summary>If case is ignored and the set contains s, S or the long s, adds all three.</summary>
    private CodeUnitSet Fold(CodeUnitSet set)
    {
        if (_ignoresCase && (set.Contains('s') || set.Contains('S') || set.Contains(LongS)))
        {
            foreach (var character in (ReadOnlySpan<char>)['s', 'S', LongS])
                set.Add(character, character);
        }

        return set;
    }

    private bool IsNext(string text) => string.CompareOrdinal(expression, _position, text, 0, text.Length) == 0;

    /// <summary>Returns the pattern of a literal character.</summary>
    private string TranslateLiteral(int code) => code switch
    {
        's' or 'S' or LongS when _ignoresCase => $"[sS{LongS}]",
        >= 0xD800 and < 0xE000 or > char.MaxValue => throw UnsupportedError("a character beyond U+FFFF"),
        _ => $"\\u{code:X4}",
    };

    private FormatException UnsupportedError(string element) =>
        new($"The regular expression is not supported: it has {element} near character {_position + 1}.");
}
