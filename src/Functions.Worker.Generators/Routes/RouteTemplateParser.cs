using System.Text;

namespace Functions.Worker.Generators.Routes;

/// <summary>Parses a route template in one pass. A doubled brace, such as <c>{{</c>, represents one literal brace.</summary>
internal sealed class RouteTemplateParser
{
    private readonly List<RouteSegment> _segments = [];
    private readonly List<RouteParameter> _parameters = [];
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
        return error is null ? new RouteTemplate(parser._segments, parser._parameters) : null;
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
                index = ReadParameter(index + 1);
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
            _error = $"remove '{character}', which a route allows only in the braces of a route parameter";
        else
            _pattern.Append(char.ToLowerInvariant(character));
    }

    private int ReadParameter(int start)
    {
        var end = start;
        while (end < _text.Length && (_text[end] != '}' || (end + 1 < _text.Length && _text[end + 1] == '}')))
            end += _text[end] == '}' ? 2 : 1;
        if (end >= _text.Length)
        {
            _error = "close every '{' with a '}'";
            return end;
        }

        Add(RouteParameter.Parse(_text.Substring(start, end - start)));
        return end + 1;
    }

    private void Add(RouteParameter parameter)
    {
        if (parameter.Name.Length == 0 || parameter.Name.IndexOfAny(['/', '{', '*', ' ']) >= 0)
            _error = "give each route parameter a name between the braces, without spaces and '/', such as {id}";
        else if (_parameters.Any(other => string.Equals(other.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)))
            _error = $"use the route parameter '{parameter.Name}' only once";
        else if (_pattern.Length > 0 && (parameter.IsCatchAll || _pattern[_pattern.Length - 1] == RouteSegment.Any))
            _error = $"put text or '/' before the route parameter '{parameter.Name}'";

        _parameters.Add(parameter);
        _isOptional |= parameter.IsOptional || parameter.HasDefault;
        _isCatchAll |= parameter.IsCatchAll;
        _pattern.Append(RouteSegment.Any);
    }

    private void EndSegment()
    {
        if (_pattern.Length == 0)
            _error = "remove the '/' at the start or end of the route, and every doubled '/'";
        else if (_segments.Any(segment => segment.IsCatchAll) || (_isCatchAll && _pattern.Length > 1))
            _error = "end the route with the route parameter that matches the rest of the path";

        // A segment is optional only when it is a single optional route parameter.
        _segments.Add(new RouteSegment(_pattern.ToString(), _isOptional && _pattern.Length == 1, _isCatchAll));
        _pattern.Clear();
        (_isOptional, _isCatchAll) = (false, false);
    }
}
