using System.Text;

namespace Functions.Worker.Generators.Routes;

/// <summary>Parses a route template in one pass. A doubled brace, such as <c>{{</c>, represents one literal brace.</summary>
internal sealed class RouteTemplateParser
{
    private readonly List<RouteSegment> _segments = [];
    private readonly List<RouteValue> _values = [];
    private readonly StringBuilder _pattern = new();
    private readonly string _text;
    private bool _isOptional;
    private bool _isCatchAll;
    private string? _error;

    private RouteTemplateParser(string text) => _text = text;

    /// <summary>Parses a template; returns null when the template is invalid.</summary>
    /// <param name="error">What to change in the template; null when it is valid.</param>
    public static RouteTemplate? Parse(string text, out string? error)
    {
        var parser = new RouteTemplateParser(text);
        parser.Run();
        error = parser._error;
        return error is null ? new RouteTemplate(parser._segments, parser._values) : null;
    }

    private void Run()
    {
        for (var index = 0; index < _text.Length && _error is null;)
        {
            var character = _text[index];
            if (character is '{' or '}' && index + 1 < _text.Length && _text[index + 1] == character)
            {
                _pattern.Append(character);
                index += 2;
            }
            else if (character == '{')
            {
                index = ReadValue(index + 1);
            }
            else
            {
                ReadCharacter(character);
                index++;
            }
        }

        if (_error is null)
            EndSegment();
    }

    private void ReadCharacter(char character)
    {
        if (character == '/')
            EndSegment();
        else if (character is '}' or '?' or '~' || char.IsWhiteSpace(character))
            _error = $"remove '{character}', which a route allows only in the braces of a value";
        else
            _pattern.Append(char.ToLowerInvariant(character));
    }

    private int ReadValue(int start)
    {
        var end = start;
        while (end < _text.Length && (_text[end] != '}' || (end + 1 < _text.Length && _text[end + 1] == '}')))
            end += _text[end] == '}' ? 2 : 1;
        if (end >= _text.Length)
        {
            _error = "close every '{' with a '}'";
            return end;
        }

        Add(RouteValue.Parse(_text.Substring(start, end - start)));
        return end + 1;
    }

    private void Add(RouteValue value)
    {
        if (value.Name.Length == 0 || value.Name.IndexOfAny(['/', '{', '*', ' ']) >= 0)
            _error = "give each value a name between the braces, without spaces and '/', such as {id}";
        else if (_values.Any(other => string.Equals(other.Name, value.Name, StringComparison.OrdinalIgnoreCase)))
            _error = $"use the value '{value.Name}' once";
        else if (_pattern.Length > 0 && (value.IsCatchAll || _pattern[_pattern.Length - 1] == RouteSegment.Any))
            _error = $"put text or '/' before the value '{value.Name}'";

        _values.Add(value);
        _isOptional |= value.IsOptional || value.HasDefault;
        _isCatchAll |= value.IsCatchAll;
        _pattern.Append(RouteSegment.Any);
    }

    private void EndSegment()
    {
        if (_pattern.Length == 0)
            _error = "remove the '/' at its start or end, and every doubled '/'";
        else if (_segments.Any(segment => segment.IsCatchAll) || (_isCatchAll && _pattern.Length > 1))
            _error = "end it with the value that matches the rest of the path";

        // A segment is optional only when it is a single optional value.
        _segments.Add(new RouteSegment(_pattern.ToString(), _isOptional && _pattern.Length == 1, _isCatchAll));
        _pattern.Clear();
        (_isOptional, _isCatchAll) = (false, false);
    }
}
