using Inference.Text.PostProcessing;

namespace Inference.Text.Reading;

/// <summary>Reads the post-processor in tokenizer.json.</summary>
internal static class PostProcessorReader
{
    /// <returns>Null when the part is missing or a JSON null.</returns>
    public static PostProcessor? Read(JsonPart part)
    {
        if (part.IsNull)
            return null;
        return part.Type switch
        {
            "Sequence" => new SequencePostProcessor(part.ReadAll("processors", Read)),
            "ByteLevel" => new ByteLevelPostProcessor(part.BooleanOr("trim_offsets", true), part.BooleanOr("add_prefix_space", true)),
            "BertProcessing" => new BertPostProcessor(ReadToken(part.Property("cls")), ReadToken(part.Property("sep"))),
            "RobertaProcessing" => new RobertaPostProcessor(
                ReadToken(part.Property("cls")),
                ReadToken(part.Property("sep")),
                part.BooleanOr("trim_offsets", true),
                part.BooleanOr("add_prefix_space", true)),
            "TemplateProcessing" => ReadTemplate(part),
            var type => throw part.UnsupportedError("post-processor", type),
        };
    }

    /// <summary>Returns the id from an array of a token and its id, such as ["[CLS]", 101].</summary>
    private static int ReadToken(JsonPart part)
    {
        var items = part.Items().ToArray();
        return items.Length == 2 ? items[1].AsId() : throw part.TypeError("a token and its id");
    }

    private static TemplatePostProcessor ReadTemplate(JsonPart part)
    {
        var special = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var (name, token) in part.Property("special_tokens").Properties())
            special[name] = [.. token.Property("ids").Items().Select(id => id.AsId())];
        return new TemplatePostProcessor(
            [.. part.Property("single").Items().Select(item => ReadPart(item, special, isPair: false))],
            [.. part.Property("pair").Items().Select(item => ReadPart(item, special, isPair: true))]);
    }

    private static TemplatePart ReadPart(JsonPart part, Dictionary<string, int[]> special, bool isPair)
    {
        if (part.Property("Sequence") is { IsNull: false } sequence)
        {
            var name = sequence.Property("id");
            return name.AsString() switch
            {
                "A" => new TemplatePart(0, [], ReadTypeId(sequence)),
                "B" when isPair => new TemplatePart(1, [], ReadTypeId(sequence)),
                _ => throw name.TypeError(isPair ? "\"A\" or \"B\"" : "\"A\""),
            };
        }

        var token = part.Property("SpecialToken");
        var id = token.Property("id");
        return special.TryGetValue(id.AsString(), out var ids)
            ? new TemplatePart(-1, ids, ReadTypeId(token))
            : throw id.Error("is not in \"special_tokens\"");
    }

    private static int ReadTypeId(JsonPart part) =>
        part.IdOr("type_id", 0) is <= byte.MaxValue and var id ? id : throw part.Property("type_id").TypeError("a number up to 255");
}
