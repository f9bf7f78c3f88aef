using System.Text;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;

namespace Inference.Repository.Triton;

/// <summary>
/// Reads protobuf's text format without knowing the message. The reader of the message interprets the fields, and decides whether a field
/// may repeat.
/// </summary>
internal ref struct TextFormatParser
{
    private const int MaxDepth = 64;

    private TextFormatLexer _lexer;
    private LineCursor _lines;
    private int _depth;

    private TextFormatParser(ReadOnlySpan<byte> text)
    {
        _lexer = new TextFormatLexer(text);
        _lines = new LineCursor(text);
    }

    /// <returns>The message's fields in order; null when the text is malformed, which is then reported as a problem.</returns>
    public static IReadOnlyList<TextField>? Parse(ReadOnlySpan<byte> text, ProblemList problems)
    {
        text = ByteOrderMark.Skip(text);
        try
        {
            var parser = new TextFormatParser(text);
            parser._lexer.Read();
            return parser.ReadFields(end: null);
        }
        catch (TextFormatException e)
        {
            var (line, column) = new LineCursor(text).Locate(e.Offset);
            problems.Add(line, column, "", e.Message);
            return null;
        }
    }

    private List<TextField> ReadFields(char? end)
    {
        var fields = new List<TextField>();
        while (_lexer.Token != TextToken.End && !(end is { } symbol && _lexer.IsSymbol(symbol)))
        {
            ReadField(fields);
            if (_lexer.IsSymbol(',') || _lexer.IsSymbol(';'))
                _lexer.Read();
        }

        if (end is not null && _lexer.Token == TextToken.End)
            throw CreateUnexpectedTokenError($"a field or '{end}'");
        return fields;
    }

    private void ReadField(List<TextField> fields)
    {
        var position = _lines.Locate(_lexer.Offset);
        var name = _lexer.Token == TextToken.Word ? _lexer.Text
            : _lexer.IsSymbol('[') ? _lexer.ReadBracketedName()
            : throw CreateUnexpectedTokenError("the name of a field");
        _lexer.Read();
        var hasColon = _lexer.IsSymbol(':');
        if (hasColon)
            _lexer.Read();
        if (_lexer.IsSymbol('['))
            ReadList(fields, name, hasColon);
        else
            fields.Add(ReadValue(name, hasColon, position));
    }

    private void ReadList(List<TextField> fields, string name, bool hasColon)
    {
        _lexer.Read();
        if (_lexer.IsSymbol(']'))
        {
            _lexer.Read();
            return;
        }

        while (true)
        {
            fields.Add(ReadValue(name, hasColon, _lines.Locate(_lexer.Offset)));
            var isEnd = _lexer.IsSymbol(']');
            if (!isEnd && !_lexer.IsSymbol(','))
                throw CreateUnexpectedTokenError("',' or ']'");
            _lexer.Read();
            if (isEnd)
                return;
        }
    }

    private TextField ReadValue(string name, bool hasColon, (int Line, int Column) position)
    {
        if (_lexer.IsSymbol('{') || _lexer.IsSymbol('<'))
            return new TextField(name, TextKind.Message, "", ReadMessage(), position.Line, position.Column);
        if (!hasColon)
            throw CreateUnexpectedTokenError($"':' or '{{' after \"{name}\"");
        var (kind, text) = ReadScalar();
        return new TextField(name, kind, text, [], position.Line, position.Column);
    }

    private List<TextField> ReadMessage()
    {
        var end = _lexer.IsSymbol('{') ? '}' : '>';
        if (++_depth > MaxDepth)
            throw new TextFormatException(_lexer.Offset, $"Messages are nested more than {MaxDepth} levels deep.");
        _lexer.Read();
        var fields = ReadFields(end);
        _lexer.Read();
        _depth--;
        return fields;
    }

    private (TextKind Kind, string Text) ReadScalar()
    {
        var sign = _lexer.IsSymbol('-') ? "-" : "";
        if (sign.Length > 0)
            _lexer.Read();
        var text = _lexer.Text;
        switch (_lexer.Token)
        {
            case TextToken.Number:
                _lexer.Read();
                return (TextKind.Number, sign + text);
            case TextToken.Word:
                _lexer.Read();
                return (TextKind.Word, sign + text);
            case TextToken.String when sign.Length == 0:
                return (TextKind.String, ReadStrings());
            default:
                throw CreateUnexpectedTokenError("a value");
        }
    }

    /// <summary>Reads adjacent strings and joins them into one.</summary>
    private string ReadStrings()
    {
        var text = new StringBuilder();
        for (; _lexer.Token == TextToken.String; _lexer.Read())
            text.Append(_lexer.Text);
        return text.ToString();
    }

    private readonly TextFormatException CreateUnexpectedTokenError(string expected) => new(
        _lexer.Offset,
        $"{(_lexer.Token == TextToken.End ? "The end of the file" : ProblemText.Quote(_lexer.Text))} was found, but {expected} is expected.");
}
