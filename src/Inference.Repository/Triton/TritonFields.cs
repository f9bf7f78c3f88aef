using System.Collections.Immutable;
using Inference.Models.Settings;

namespace Inference.Repository.Triton;

/// <summary>
/// The fields of one message in a <c>config.pbtxt</c>. A field of the wrong type is a problem. <see cref="WarnAboutUnreadFields"/> warns
/// about every field that was not read.
/// </summary>
internal sealed class TritonFields
{
    private static readonly string[] True = ["true", "True", "t", "1"];
    private static readonly string[] False = ["false", "False", "f", "0"];

    private readonly Dictionary<string, List<TextField>> _fields = [];
    private readonly HashSet<string> _readNames = [];
    private readonly HashSet<string> _reportedNames = [];
    private readonly string _path;
    private readonly ProblemList _problems;
    private readonly ProblemList _warnings;

    public TritonFields(IReadOnlyList<TextField> fields, string path, ProblemList problems, ProblemList warnings)
    {
        (_path, _problems, _warnings) = (path, problems, warnings);
        foreach (var field in fields)
        {
            if (!_fields.TryGetValue(field.Name, out var fieldsWithName))
                _fields.Add(field.Name, fieldsWithName = []);
            fieldsWithName.Add(field);
        }
    }

    public void AddProblem(TextField field, string message) => _problems.Add(field.Line, field.Column, GetPath(field.Name), message);

    public void AddWarning(TextField field, string message) => _warnings.Add(field.Line, field.Column, GetPath(field.Name), message);

    /// <summary>Returns all values of a repeated field.</summary>
    public IReadOnlyList<TextField> GetFields(string name)
    {
        _readNames.Add(name);
        return _fields.TryGetValue(name, out var fields) ? fields : [];
    }

    /// <summary>Returns a field that can appear only once; null when the field is missing. A repeated field is a problem.</summary>
    public TextField? GetField(string name)
    {
        var fields = GetFields(name);
        if (fields.Count > 1 && _reportedNames.Add(name))
            AddProblem(fields[1], "This field is given twice.");
        return fields.Count > 0 ? fields[0] : null;
    }

    public string? GetString(string name)
    {
        var field = GetField(name);
        if (field is null or { Kind: TextKind.String })
            return field?.Text;
        AddProblem(field, "A string in quotes is expected.");
        return null;
    }

    public bool? GetBoolean(string name)
    {
        var field = GetField(name);
        if (field is null || (field.Kind != TextKind.String && True.Contains(field.Text)))
            return field is null ? null : true;
        if (field.Kind is TextKind.String or TextKind.Message || !False.Contains(field.Text))
            AddProblem(field, "true or false is expected.");
        return false;
    }

    public long? GetInteger(string name, long min, long max) => GetField(name) is { } field ? GetInteger(field, min, max) : null;

    public IEnumerable<long> GetIntegers(string name, long min, long max) =>
        GetFields(name).Select(field => GetInteger(field, min, max)).OfType<long>();

    /// <summary>Returns the number of an enum's value. The file contains the value's name or its number.</summary>
    /// <param name="values">The values by number, from 0.</param>
    public int? GetEnum(string name, string[] values)
    {
        if (GetField(name) is not { } field)
            return null;
        if (field.Kind == TextKind.Number)
            return (int?)GetInteger(field, 0, values.Length - 1);
        var index = field.Kind == TextKind.Word ? Array.IndexOf(values, field.Text) : -1;
        if (index >= 0)
            return index;
        AddProblem(field, $"One of {string.Join(", ", values)} is expected.");
        return null;
    }

    public TritonFields? GetMessage(string name) => GetField(name) is { } field ? ToMessage(field) : null;

    public IEnumerable<TritonFields> GetMessages(string name) => GetFields(name).Select(ToMessage).OfType<TritonFields>();

    /// <summary>Warns about every field of the message that was not read.</summary>
    /// <param name="ignored">Fields that Triton has and this server does not use, each with the reason.</param>
    public void WarnAboutUnreadFields(IReadOnlyDictionary<string, string>? ignored = null)
    {
        foreach (var (name, fields) in _fields.Where(field => !_readNames.Contains(field.Key)))
        {
            if (ignored?.TryGetValue(name, out var reason) is true)
                AddWarning(fields[0], $"Ignored: {reason}");
            else
                AddWarning(fields[0], $"Ignored: this field is not known.{ProblemText.Suggest(name, [.. _readNames, .. ignored?.Keys ?? []])}");
        }
    }

    private TritonFields? ToMessage(TextField field)
    {
        if (field.Kind == TextKind.Message)
            return new TritonFields(field.Fields, GetPath(field.Name), _problems, _warnings);
        AddProblem(field, "A message in braces is expected.");
        return null;
    }

    private long? GetInteger(TextField field, long min, long max)
    {
        if (field.Kind == TextKind.Number && TextNumber.TryParse(field.Text, out var number) && number >= min && number <= max)
            return number;
        AddProblem(field,
            max == long.MaxValue ? $"A whole number from {min} is expected." : $"A whole number from {min} to {max} is expected.");
        return null;
    }

    private string GetPath(string name)
    {
        var shortName = name.Length > 64 ? name[..64] + "..." : name;
        return _path.Length == 0 ? shortName : $"{_path}.{shortName}";
    }
}
