using System.Globalization;

namespace Inference.Text.Patterns;

/// <summary>Translates classes and escapes.</summary>
internal sealed partial class OnigurumaTranslator
{
    /// <summary>The maximum depth of nested classes. Each level uses stack memory, and a file can have any number of levels.</summary>
    private const int MaxDepth = 100;

    private int _depth;

    /// <summary>The character after the backslash at the current position.</summary>
    private char EscapedCharacter => _position + 1 < expression.Length
        ? expression[_position + 1]
        : throw UnsupportedError("a \"\\\" without a character");

    /// <summary>Reads a class from its opening bracket to its end.</summary>
    /// <param name="ignoresCase">Whether to add other case forms. A negated class excludes them.</param>
    private CodeUnitSet ReadClass(bool ignoresCase)
    {
        if (++_depth > MaxDepth)
            throw UnsupportedError($"more than {MaxDepth} nested classes");
        var set = new CodeUnitSet();
        _position++;
        var isNegated = _position < expression.Length && expression[_position] == '^';
        if (isNegated)
            _position++;
        // A closing bracket in the first position is a character.
        var first = _position;
        CodeUnitSet? intersection = null;
        while (_position < expression.Length && (expression[_position] != ']' || _position == first))
        {
            if (IsNext("&&"))
            {
                _position += 2;
                intersection = Intersect(intersection, set);
                set = new CodeUnitSet();
            }
            else
            {
                ReadItem(set);
            }
        }

        if (_position == expression.Length)
            throw UnsupportedError("a class that does not end");
        _position++;
        _depth--;
        set = Intersect(intersection, set);
        if (ignoresCase)
            set.AddCaseForms();
        if (isNegated)
            set.Invert();
        return set;
    }

    private static CodeUnitSet Intersect(CodeUnitSet? first, CodeUnitSet second)
    {
        if (first is not null)
            second.Intersect(first);
        return second;
    }

    private void ReadItem(CodeUnitSet set)
    {
        if (IsNext("[:"))
            set.Unite(ReadPosix());
        else if (expression[_position] == '[')
            set.Unite(ReadClass(ignoresCase: false));
        else if (expression[_position] == '\\' && ReadSetEscape(isInClass: true) is { } escaped)
            set.Unite(escaped);
        else
            ReadRange(set);
    }

    private void ReadRange(CodeUnitSet set)
    {
        var start = ReadCharacter();
        var isRange = IsNext("-") && _position + 1 < expression.Length && expression[_position + 1] is not (']' or '[')
            && !(expression[_position + 1] == '\\' && _position + 2 < expression.Length
                && "pPsSwWdDhH".Contains(expression[_position + 2]));
        if (!isRange)
        {
            set.Add(start, start);
            return;
        }

        _position++;
        var end = ReadCharacter();
        if (end < start)
            throw UnsupportedError("a range that ends before it starts");
        set.Add(start, end);
    }

    private int ReadCharacter()
    {
        var code = expression[_position] == '\\' ? ReadCharacterEscape() : expression[_position++];
        return code is (>= 0xD800 and < 0xE000) or > char.MaxValue ? throw UnsupportedError("a character beyond U+FFFF") : code;
    }

    private CodeUnitSet ReadPosix()
    {
        var end = expression.IndexOf(":]", _position + 2, StringComparison.Ordinal);
        if (end < 0)
            throw UnsupportedError("a class that does not end");
        var name = expression[(_position + 2)..end];
        var isNegated = name.StartsWith('^');
        var set = PropertySets.TryGetPosix(isNegated ? name[1..] : name) ?? throw UnsupportedError($"the class \"{name}\"");
        _position = end + 2;
        return Copy(set, isNegated);
    }

    /// <summary>Reads an escape for a set of characters, such as \d or \p{L}; returns null for other escapes.</summary>
    private CodeUnitSet? ReadSetEscape(bool isInClass)
    {
        var character = EscapedCharacter;
        var set = char.ToLowerInvariant(character) switch
        {
            's' => PropertySets.Whitespace,
            'w' => PropertySets.TryGetProperty("Word", isInClass),
            'd' => PropertySets.TryGetProperty("Nd", isInClass),
            'h' => PropertySets.TryGetProperty("XDigit", isInClass),
            _ => null,
        };
        if (set is not null)
        {
            _position += 2;
            return Copy(set, char.IsAsciiLetterUpper(character));
        }

        return character is 'p' or 'P' ? ReadProperty(isInClass) : null;
    }

    /// <summary>Reads \p{L}, \P{L} or \p{^L}.</summary>
    private CodeUnitSet ReadProperty(bool isInClass)
    {
        var isNegated = expression[_position + 1] == 'P';
        var end = expression.IndexOf('}', _position);
        if (end < 0 || _position + 2 >= expression.Length || expression[_position + 2] != '{')
            throw UnsupportedError("a property without a name");
        var name = expression[(_position + 3)..end];
        if (name.StartsWith('^'))
            (name, isNegated) = (name[1..], !isNegated);
        var set = PropertySets.TryGetProperty(name, isInClass) ?? throw UnsupportedError($"the property \"{name}\"");
        _position = end + 1;
        return Copy(set, isNegated);
    }

    private static CodeUnitSet Copy(CodeUnitSet set, bool isInverted)
    {
        var copy = new CodeUnitSet();
        copy.Unite(set);
        if (isInverted)
            copy.Invert();
        return copy;
    }

    /// <summary>Reads an escape for one character, such as \n or \u0041.</summary>
    private int ReadCharacterEscape()
    {
        var character = EscapedCharacter;
        _position += 2;
        switch (character)
        {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case 'u':
                return ReadHex(_position, 4);
            case 'x' when IsNext("{"):
                var end = expression.IndexOf('}', _position);
                var code = ReadHex(_position + 1, Math.Max(0, end - _position - 1));
                _position++;
                return code;
            case 'x':
                return ReadHex(_position, 2);
            default:
                return char.IsAsciiLetterOrDigit(character) ? throw UnsupportedError($"\"\\{character}\"") : character;
        }
    }

    private int ReadHex(int start, int length)
    {
        if (length == 0 || start + length > expression.Length
            || !int.TryParse(expression.AsSpan(start, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code < 0)
        {
            throw UnsupportedError("an escape without its number");
        }

        _position = start + length;
        return code;
    }
}
