using System.Text;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>Reads a whole JSON document (RFC 8259, no comments, no trailing commas) into values with their positions.</summary>
internal ref struct LocatedJsonReader
{
    private const int MaxDepth = 64;

    private readonly ReadOnlyMemory<byte> _json;
    private readonly ProblemList _problems;
    private Utf8JsonReader _reader;
    private LineCursor _lines;

    private LocatedJsonReader(ReadOnlyMemory<byte> json, ProblemList problems)
    {
        _json = json;
        _problems = problems;
        _reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        _lines = new LineCursor(json.Span);
    }

    /// <returns>
    /// The document; null when the text is not JSON. If the result is null, the last entry of <paramref name="problems"/> is the error.
    /// </returns>
    public static LocatedJson? Read(ReadOnlyMemory<byte> json, ProblemList problems)
    {
        try
        {
            var reader = new LocatedJsonReader(ByteOrderMark.Skip(json), problems);
            reader._reader.Read();
            var document = reader.ReadValue(parent: null, key: null);
            // No text may follow the document.
            reader._reader.Read();
            return document;
        }
        catch (JsonException e)
        {
            // The reason is the message without its position. The exception counts lines and bytes from 0, but problems count them from 1.
            var message = ProblemText.GetReason(e);
            var (line, column) = ((int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            problems.Add(line, column, "", $"This is not valid JSON: {ProblemText.ToOneLine(message)}");
            return null;
        }
    }

    private LocatedJson ReadValue(LocatedJson? parent, string? key)
    {
        var start = (int)_reader.TokenStartIndex;
        var (line, column) = _lines.Locate(start);
        var text = ReadText(line, column);
        var value = new LocatedJson(_reader.TokenType, parent, key, _problems) { Line = line, Column = column, Text = text };
        if (value.Token == JsonTokenType.StartObject)
            ReadProperties(value);
        else if (value.Token == JsonTokenType.StartArray)
            ReadItems(value);
        value.Bytes = _json[start..(int)_reader.BytesConsumed];
        return value;
    }

    private void ReadProperties(LocatedJson value)
    {
        var keys = new HashSet<string>();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var (line, column) = _lines.Locate((int)_reader.TokenStartIndex);
            var key = ReadText(line, column);
            _reader.Read();
            var child = ReadValue(value, key);
            if (keys.Add(key))
                value.Children.Add(child);
            else
                _problems.Add(line, column, child.Path, "This key is given twice.");
        }
    }

    private void ReadItems(LocatedJson value)
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            value.Children.Add(ReadValue(value, key: null));
    }

    private readonly string ReadText(int line, int column)
    {
        try
        {
            return _reader.TokenType switch
            {
                JsonTokenType.String or JsonTokenType.PropertyName => _reader.GetString()!,
                JsonTokenType.Number => Encoding.ASCII.GetString(_reader.ValueSpan),
                _ => "",
            };
        }
        catch (InvalidOperationException e)
        {
            _problems.Add(line, column, "", $"This is not valid UTF-8 text: {ProblemText.ToOneLine(e.Message)}");
            return "";
        }
    }
}
