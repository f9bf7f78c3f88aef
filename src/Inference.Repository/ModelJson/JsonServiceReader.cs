using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Repository.ModelJson;

/// <summary>Reads <c>remote.json</c> of <c>model.json</c>.</summary>
internal sealed partial class JsonServiceReader(SettingsValues values, ReadOnlyMemory<byte> json)
{
    /// <summary>RFC 6901.</summary>
    public const string PointerPattern = "(/([^~/]|~[01])*)*";

    private const int MaxRank = 16;

    public JsonServiceSettings Read(LocatedJson group)
    {
        var inputs = ReadTensors(values.Required(group, "inputs"));
        return new JsonServiceSettings
        {
            Method = ReadMethod(group.Find("method")),
            Request = ReadTemplate(group.Find("request")),
            Inputs = inputs,
            Outputs = ReadTensors(values.Required(group, "outputs")),
        };
    }

    private string ReadMethod(LocatedJson? value)
    {
        const string Names = "\"POST\" or \"PUT\"";
        if (values.String(value, Names) is not { } text || text is "POST" or "PUT")
            return value is { Kind: JsonTokenType.String } ? value.Text : "POST";
        values.Refuse(value!, $"{Wording.Quote(text)} is given; {Names} is expected.");
        return "POST";
    }

    private string ReadTemplate(LocatedJson? value)
    {
        if (value is null)
            return "{}";
        if (value.Kind != JsonTokenType.StartObject)
            values.Unexpected(value, "the request without its tensors, which is an object,");
        return Encoding.UTF8.GetString(json[value.Bytes].Span);
    }

    private ImmutableArray<JsonTensor> ReadTensors(LocatedJson? value)
    {
        var tensors = ImmutableArray.CreateBuilder<JsonTensor>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in values.Items(value, "an array of tensors"))
        {
            if (ReadTensor(item) is not { } tensor)
                continue;
            tensors.Add(tensor);
            if (!known.Add(tensor.Name))
                values.Refuse(item, $"{Wording.Quote(tensor.Name)} is given twice.");
        }

        return tensors.ToImmutable();
    }

    private JsonTensor? ReadTensor(LocatedJson value)
    {
        if (!values.IsObject(value, SettingsKeys.JsonTensor))
            return null;
        var name = values.String(values.Required(value, "name"), "a tensor's name");
        var type = ReadType(values.Required(value, "datatype"));
        var shape = ReadShape(values.Required(value, "shape"));
        var at = ReadPointer(values.Required(value, "at"));
        return name is null || type is null || shape is null || at is null ? null : new JsonTensor(name, type.Value, shape.Value, at);
    }

    private ElementType? ReadType(LocatedJson? value)
    {
        const string Form = "a type of the Open Inference Protocol (FP32, INT64, BYTES, ...)";
        if (values.String(value, Form) is not { } text)
            return null;
        if (ElementTypes.TryParse(text, out var type))
            return type;
        values.Refuse(value!, $"{Wording.Quote(text)} is not {Form}.{Wording.Suggest(text, [.. Enum.GetValues<ElementType>().Select(one => one.Name())])}");
        return null;
    }

    private Shape? ReadShape(LocatedJson? value)
    {
        if (value is null)
            return null;
        if (value.Kind != JsonTokenType.StartArray || value.Children.Count > MaxRank)
        {
            values.Refuse(value, $"An array of at most {MaxRank} dimensions is expected.");
            return null;
        }

        return new Shape([.. value.Children.Select(ReadDimension)]);
    }

    private long ReadDimension(LocatedJson value) =>
        value is { Kind: JsonTokenType.Number, Text: "-1" } ? Shape.Dynamic : values.Integer(value, 1, int.MaxValue, orElse: "-1 for any size, or ") ?? 1;

    private string? ReadPointer(LocatedJson? value)
    {
        const string Form = "a JSON pointer such as \"/instances\"";
        if (values.String(value, Form) is not { } text || PointerRegex().IsMatch(text))
            return value is { Kind: JsonTokenType.String } ? value.Text : null;
        values.Refuse(value!, $"{Wording.Quote(text)} is not {Form}.");
        return null;
    }

    [GeneratedRegex(@"\A" + PointerPattern + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PointerRegex();
}
