using System.Globalization;
using System.Text;

namespace Inference.Text.Patterns;

/// <summary>
/// Translates an Oniguruma expression (in Ruby syntax, which is the default) to a .NET one. Classes become sets of code units, possessive
/// quantifiers become atomic groups, and <c>^</c> and <c>$</c> match at the start and end of each line. Where case is ignored, letters
/// become sets of their case forms, because .NET also adds case forms to properties and to the complements of classes.
/// </summary>
internal sealed partial class OnigurumaTranslator(string expression)
{
    private readonly StringBuilder _pattern = new();

    private readonly Stack<Group> _groups = [];

    private int _position;

    /// <summary>The start of the last atom in the result, which a possessive or a second quantifier encloses.</summary>
    private int _atomStart;

    /// <summary>Whether the last atom has a quantifier.</summary>
    private bool _isQuantified;

    private bool _ignoresCase;

    /// <returns>The .NET expression.</returns>
    /// <exception cref="FormatException">The expression contains an unsupported element.</exception>
    public string Translate()
    {
        while (_position < expression.Length)
            TranslateNext();
        EndOptions();
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
                ReadClass(_ignoresCase).WriteTo(_pattern);
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

    private void BeginAtom()
    {
        _atomStart = _pattern.Length;
        _isQuantified = false;
    }

    private void BeginGroup()
    {
        BeginAtom();
        _groups.Push(new Group(_pattern.Length, _ignoresCase, EndsWithOuter: false));
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

    /// <summary>
    /// Translates options: (?i), or (?i: at the start of a group. Oniguruma's option m is the option s of .NET. In Ruby's syntax, (?i) also
    /// begins a group, so that a(?i)b|c is a(?i:b|c).
    /// </summary>
    private void TranslateOptions()
    {
        var end = expression.AsSpan(_position + 2).IndexOfAny(':', ')') + _position + 2;
        var options = end < _position + 2 ? "" : expression[(_position + 2)..end];
        if (options.Length == 0 || options.AsSpan().ContainsAnyExcept("im-"))
            throw UnsupportedError($"\"{expression[_position..Math.Min(expression.Length, _position + 8)]}\"");
        var parts = options.Split('-', 2);
        var (added, removed) = (parts[0], parts.Length > 1 ? parts[1] : "");
        _pattern.Append("(?").Append(added.Contains('m', StringComparison.Ordinal) ? "s" : "")
            .Append(removed.Contains('m', StringComparison.Ordinal) ? "-s" : "").Append(':');
        _ignoresCase = (_ignoresCase || added.Contains('i', StringComparison.Ordinal)) && !removed.Contains('i', StringComparison.Ordinal);
        if (expression[end] == ')')
            _groups.Push(_groups.Pop() with { EndsWithOuter = true });
        _position = end + 1;
    }

    private void EndGroup()
    {
        EndOptions();
        if (!_groups.TryPop(out var group))
            throw UnsupportedError("a \")\" without \"(\"");
        (_atomStart, _ignoresCase, _isQuantified) = (group.Start, group.IgnoresCase, false);
        _pattern.Append(')');
        _position++;
    }

    /// <summary>Ends the groups that end with the group around them.</summary>
    private void EndOptions()
    {
        while (_groups.TryPeek(out var group) && group.EndsWithOuter)
        {
            _groups.Pop();
            _ignoresCase = group.IgnoresCase;
            _pattern.Append(')');
        }
    }

    private void TranslateQuantifier()
    {
        var isInterval = expression[_position] == '{';
        var quantifier = isInterval ? ReadInterval() : expression[_position++].ToString();
        if (quantifier is null)
        {
            BeginAtom();
            _pattern.Append("\\{");
            _position++;
            return;
        }

        if (_isQuantified)
            EncloseAtom("(?:");
        _pattern.Append(quantifier);
        _isQuantified = true;
        // In Ruby's syntax, a "?" after {n} and a "+" after any interval are further quantifiers.
        if (IsNext("?") && (!isInterval || quantifier.Contains(',', StringComparison.Ordinal)))
        {
            _pattern.Append('?');
            _position++;
        }
        else if (IsNext("+") && !isInterval)
        {
            EncloseAtom("(?>");
            _position++;
        }
    }

    private void EncloseAtom(string opening) => _pattern.Insert(_atomStart, opening).Append(')');

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
        if (ReadSetEscape(isInClass: false) is { } set)
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

    private bool IsNext(string text) => string.CompareOrdinal(expression, _position, text, 0, text.Length) == 0;

    /// <summary>Returns the pattern of a literal character.</summary>
    private string TranslateLiteral(int code)
    {
        if (code is (>= 0xD800 and < 0xE000) or > char.MaxValue)
            throw UnsupportedError("a character beyond U+FFFF");
        if (!_ignoresCase)
            return $"\\u{code:X4}";
        var forms = new CodeUnitSet();
        forms.Add(code, code);
        forms.AddCaseForms();
        var pattern = new StringBuilder();
        forms.WriteTo(pattern);
        return pattern.ToString();
    }

    private FormatException UnsupportedError(string element) =>
        new($"The regular expression is not supported: it has {element} near character {_position + 1}.");

    /// <summary>An open group.</summary>
    /// <param name="Start">The start in the result.</param>
    /// <param name="IgnoresCase">Whether case was ignored before the group.</param>
    /// <param name="EndsWithOuter">Whether the group has no end of its own, as that of (?i).</param>
    private readonly record struct Group(int Start, bool IgnoresCase, bool EndsWithOuter);
}
