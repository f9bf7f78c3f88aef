using System.Globalization;

namespace Inference.Text.Patterns;

/// <summary>Translates classes and escapes.</summary>
internal sealed partial class OnigurumaTranslator
{
    /// <summary>Reads a class from its opening bracket to its end.</summary>
    private CodeUnitSet ReadClass()
    {
        var set = new CodeUnitSet();
        _place++;
        var isNegated = _place < expression.Length && expression[_place] == '^';
        if (isNegated)
            _place++;
        // A closing bracket in the first position is a character.
        var first = _place;
        CodeUnitSet? intersection = null;
        while (_place < expression.Length && (expression[_place] != ']' || _place == first))
        {
            if (Follows("&&"))
            {
                _place += 2;
                intersection = Intersect(intersection, set);
                set = new CodeUnitSet();
            }
            else
            {
                ReadItem(set);
            }
        }

        if (_place == expression.Length)
            throw Unsupported("a class that does not end");
        _place++;
        set = Intersect(intersection, set);
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
        if (Follows("[:"))
            set.Unite(ReadPosix());
        else if (expression[_place] == '[')
            set.Unite(ReadClass());
        else if (expression[_place] == '\\' && ReadSetEscape() is { } escaped)
            set.Unite(escaped);
        else
            ReadRange(set);
    }

    private void ReadRange(CodeUnitSet set)
    {
        var start = ReadCharacter();
        var isRange = Follows("-") && _place + 1 < expression.Length && expression[_place + 1] is not (']' or '[')
            && !(expression[_place + 1] == '\\' && _place + 2 < expression.Length && "pPsSwWdDhH".Contains(expression[_place + 2]));
        if (!isRange)
        {
            set.Add(start, start);
            return;
        }

        _place++;
        var end = ReadCharacter();
        if (end < start)
            throw Unsupported("a range that ends before it starts");
        set.Add(start, end);
    }

    private int ReadCharacter()
    {
        var code = expression[_place] == '\\' ? ReadCharacterEscape() : expression[_place++];
        return code is (>= 0xD800 and < 0xE000) or > char.MaxValue ? throw Unsupported("a character beyond U+FFFF") : code;
    }

    private CodeUnitSet ReadPosix()
    {
        var end = expression.IndexOf(":]", _place, StringComparison.Ordinal);
        if (end < 0)
            throw Unsupported("a class that does not end");
        var name = expression[(_place + 2)..end];
        var isNegated = name.StartsWith('^');
        var set = PropertySets.Of(name.TrimStart('^')) ?? throw Unsupported($"the class \"{name}\"");
        _place = end + 2;
        return Inverted(set, isNegated);
    }

    /// <summary>Reads an escape that represents many characters; returns null for other escapes.</summary>
    private CodeUnitSet? ReadSetEscape()
    {
        if (_place + 1 >= expression.Length)
            throw Unsupported("a \"\\\" without a character");
        var letter = expression[_place + 1];
        var set = char.ToLowerInvariant(letter) switch
        {
            's' => PropertySets.Blank,
            'w' => PropertySets.Word,
            'd' => PropertySets.Of("Nd"),
            'h' => PropertySets.Of("XDigit"),
            _ => null,
        };
        if (set is not null)
        {
            _place += 2;
            return Inverted(set, char.IsAsciiLetterUpper(letter));
        }

        return letter is 'p' or 'P' ? ReadProperty() : null;
    }

    /// <summary>Reads \p{L}, \P{L} or \p{^L}.</summary>
    private CodeUnitSet ReadProperty()
    {
        var isNegated = expression[_place + 1] == 'P';
        var end = expression.IndexOf('}', _place);
        if (end < 0 || _place + 2 >= expression.Length || expression[_place + 2] != '{')
            throw Unsupported("a property without name");
        var name = expression[(_place + 3)..end];
        if (name.StartsWith('^'))
            (name, isNegated) = (name[1..], !isNegated);
        var set = PropertySets.Of(name) ?? throw Unsupported($"the property \"{name}\"");
        _place = end + 1;
        return Inverted(set, isNegated);
    }

    private static CodeUnitSet Inverted(CodeUnitSet set, bool isInverted)
    {
        var result = new CodeUnitSet();
        result.Unite(set);
        if (isInverted)
            result.Invert();
        return result;
    }

    /// <summary>Reads an escape of one character.</summary>
    private int ReadCharacterEscape()
    {
        var letter = expression[_place + 1];
        _place += 2;
        switch (letter)
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
                return ReadHex(_place, 4);
            case 'x' when Follows("{"):
                var end = expression.IndexOf('}', _place);
                var code = ReadHex(_place + 1, Math.Max(0, end - _place - 1));
                _place++;
                return code;
            case 'x':
                return ReadHex(_place, 2);
            default:
                return char.IsAsciiLetterOrDigit(letter) ? throw Unsupported($"\"\\{letter}\"") : letter;
        }
    }

    private int ReadHex(int start, int length)
    {
        if (length == 0 || start + length > expression.Length
            || !int.TryParse(expression.AsSpan(start, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw Unsupported("an escape without its number");
        }

        _place = start + length;
        return code;
    }
}
