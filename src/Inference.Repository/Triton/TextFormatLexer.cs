using System.Text;
using System.Text.RegularExpressions;
using Inference.Models.Settings;

namespace Inference.Repository.Triton;

/// <summary>
/// Splits text in protobuf's text format into tokens, according to https://protobuf.dev/reference/protobuf/textformat-spec/. Comments
/// extend from <c>#</c> to the end of the line.
/// </summary>
internal ref partial struct TextFormatLexer(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _position;

    public TextToken Token { get; private set; }

    /// <summary>The position of the token's first byte.</summary>
    public int Offset { get; private set; }

    /// <summary>The text of a word or number, the characters of a string, or the symbol.</summary>
    public string Text { get; private set; } = "";

    public readonly bool IsSymbol(char symbol) => Token == TextToken.Symbol && Text[0] == symbol;

    /// <summary>Reads the next token.</summary>
    public void Read()
    {
        SkipWhitespaceAndComments();
        Offset = _position;
        var first = Peek();
        Token = _position == _text.Length ? TextToken.End
            : IsLetter(first) ? TextToken.Word
            : char.IsAsciiDigit(first) || (first == '.' && char.IsAsciiDigit(Peek(1))) ? TextToken.Number
            : first is '"' or '\'' ? TextToken.String
            : TextToken.Symbol;
        Text = Token switch
        {
            TextToken.End => "",
            TextToken.Word => ReadWhile(static letter => IsLetter(letter) || char.IsAsciiDigit(letter)),
            TextToken.Number => ReadNumber(),
            TextToken.String => TextFormatString.Read(_text, ref _position),
            TextToken.Symbol => ReadSymbol(),
        };
    }

    /// <summary>Reads the rest of a name in brackets, such as that of an extension, when the token is the opening bracket.</summary>
    public string ReadBracketedName()
    {
        var name = ReadWhile(static letter => IsLetter(letter) || char.IsAsciiDigit(letter) || letter is '.' or '/' or '-');
        Read();
        return IsSymbol(']') && name.Length > 0
            ? $"[{name}]"
            : throw new TextFormatException(Offset, "A name in brackets, such as [type.googleapis.com/x.Y], is expected.");
    }

    private void SkipWhitespaceAndComments()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n' or '\v' or '\f' or '#')
        {
            if (Peek() == '#')
                ReadWhile(static letter => letter != '\n');
            else
                _position++;
        }
    }

    private string ReadNumber()
    {
        // A number contains a sign only after the e of an exponent. A hexadecimal number has no exponent, because e is one of its digits.
        var isHexadecimal = Peek(1) is 'x' or 'X';
        while (IsLetter(Peek()) || char.IsAsciiDigit(Peek()) || Peek() == '.'
            || (!isHexadecimal && Peek() is '+' or '-' && Peek(-1) is 'e' or 'E'))
        {
            _position++;
        }

        var number = Encoding.ASCII.GetString(_text[Offset.._position]);
        return NumberRegex().IsMatch(number) ? number
            : throw new TextFormatException(Offset, $"{ProblemText.Quote(number)} is not a number.");
    }

    private string ReadSymbol()
    {
        var symbol = Peek();
        if (!char.IsAscii(symbol) || char.IsControl(symbol))
            throw new TextFormatException(_position, $"The byte 0x{(int)symbol:x2} is outside of a string.");
        _position++;
        return symbol.ToString();
    }

    private string ReadWhile(Func<char, bool> accepts)
    {
        var start = _position;
        while (_position < _text.Length && accepts((char)_text[_position]))
            _position++;
        return Encoding.Latin1.GetString(_text[start.._position]);
    }

    /// <summary>Returns the byte at a distance from the position, as Latin-1; 0 outside of the text.</summary>
    private readonly char Peek(int ahead = 0) =>
        (uint)(_position + ahead) < (uint)_text.Length ? (char)_text[_position + ahead] : '\0';

    private static bool IsLetter(char letter) => char.IsAsciiLetter(letter) || letter == '_';

    [GeneratedRegex(
        @"\A(0[xX][0-9a-fA-F]+|0[0-7]+|((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?[fF]?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex NumberRegex();
}
