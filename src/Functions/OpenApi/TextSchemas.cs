namespace Functions.OpenApi;

/// <summary>The schemas of text calls, which are the same for all models.</summary>
internal static class TextSchemas
{
    private const string Text = """{"type":"string"}""";
    private const string WholeNumber = """{"type":"integer","minimum":0}""";
    private const string NullableText = """{"type":"string","nullable":true}""";
    private const string NullableWholeNumber = """{"type":"integer","minimum":0,"nullable":true}""";
    private const string Number = """{"type":"number","format":"float"}""";
    private const string Offset = """{"type":"integer","nullable":true,"description":"Bytes of the text in UTF-8"}""";
    private const string FalseByDefault = """{"type":"boolean","default":false}""";
    private const string TrueByDefault = """{"type":"boolean","default":true}""";
    private const string Any = "{}";
    private const string Parameters = """{"$ref":"#/components/schemas/Parameters"}""";

    private static readonly string Texts = List(Text);
    private static readonly string Tokens = List(WholeNumber);
    private static readonly string Inputs = OneOf(Text, List(OneOf(Text, WholeNumber, Tokens)));
    private static readonly string Labels = List(Object(2, ("score", Number), ("label", Text)));

    private static readonly (string, string)[] Truncation =
        [("truncate", FalseByDefault), ("truncation_direction", """{"type":"string","enum":["Left","Right"],"default":"Right"}""")];
    private static readonly (string, string) Prompt = ("prompt_name", Text);

    /// <summary>The schemas by name.</summary>
    public static readonly (string Name, string Json)[] All =
    [
        ("TextError",
            Object(2, ("error", Text),
                ("error_type", """{"type":"string","enum":["Unhealthy","Backend","Overloaded","Validation","Tokenizer","Empty"]}"""))),
        ("TextRequest", Object(0, ("inputs", Any), ("parameters", Parameters), ("query", Text), ("texts", Texts))),
        ("TextResponse", """{"description":"The same response as from the route for the model's task"}"""),
        ("EmbedRequest",
            Object(1,
                [("inputs", Inputs), .. Truncation, Prompt, ("normalize", TrueByDefault),
                    ("dimensions", """{"type":"integer","minimum":1}""")])),
        ("EmbedResponse", List(List(Number))),
        ("EmbedAllRequest", Object(1, [("inputs", Inputs), .. Truncation, Prompt])),
        ("EmbedAllResponse", List(List(List(Number)))),
        ("SimilarityRequest",
            Object(1, ("inputs", Object(2, ("source_sentence", Text), ("sentences", Texts))),
                ("parameters", Object(0, [.. Truncation, Prompt])))),
        ("SimilarityResponse", List(Number)),
        ("RankRequest",
            Object(2, [("query", Text), ("texts", Texts), .. Truncation, ("raw_scores", FalseByDefault), ("return_text", FalseByDefault)])),
        ("RankResponse", List(Object(1, ("index", WholeNumber), ("text", Text), ("score", Number)))),
        ("ClassifyRequest", Object(1, [("inputs", OneOf(Text, List(OneOf(Text, Texts)))), .. Truncation, ("raw_scores", FalseByDefault)])),
        ("ClassifyResponse", OneOf(Labels, List(Labels))),
        ("TokenizeRequest", Object(1, ("inputs", OneOf(Text, Texts)), ("add_special_tokens", TrueByDefault), Prompt)),
        ("TokenizeResponse",
            List(List(Object(3, ("id", WholeNumber), ("text", Text), ("special", FalseByDefault), ("start", Offset), ("stop", Offset))))),
        ("DecodeRequest", Object(1, ("ids", OneOf(Tokens, List(Tokens))), ("skip_special_tokens", TrueByDefault))),
        ("DecodeResponse", Texts),
        ("Info",
            Object(2, ("model_id", Text), ("model_type", """{"type":"object"}"""), ("model_sha", NullableText), ("model_dtype", Text),
                ("served_model_name", Text), ("max_concurrent_requests", WholeNumber), ("max_input_length", NullableWholeNumber),
                ("max_batch_tokens", WholeNumber), ("max_batch_requests", NullableWholeNumber), ("max_client_batch_size", WholeNumber),
                ("auto_truncate", FalseByDefault), ("tokenization_workers", WholeNumber), ("version", Text), ("sha", NullableText),
                ("docker_label", NullableText))),
        ("RerankRequest", Object(
            3,
            ("model", Text), ("query", Text), ("documents", List(OneOf(Text, Object(1, ("text", Text))))),
            ("top_n", """{"type":"integer","minimum":1}"""), ("return_documents", """{"type":"boolean"}"""))),
        ("RerankResponse", Object(
            3,
            ("model", Text),
            ("results", List(Object(2, ("index", WholeNumber), ("relevance_score", Number), ("document", """{"type":"object"}""")))),
            ("usage", Object(2, ("prompt_tokens", WholeNumber), ("total_tokens", WholeNumber))))),
        ("RerankError", Object(2, ("message", Text), ("detail", Text))),
    ];

    /// <param name="requiredCount">The number of required properties, which come first in the list.</param>
    private static string Object(int requiredCount, params (string Name, string Schema)[] properties)
    {
        var names = string.Join(',', properties.Take(requiredCount).Select(property => $"\"{property.Name}\""));
        var members = string.Join(',', properties.Select(property => $"\"{property.Name}\":{property.Schema}"));
        return $$"""{"type":"object",{{(requiredCount == 0 ? "" : $"\"required\":[{names}],")}}"properties":{""" + members + "}}";
    }

    private static string List(string items) => $$"""{"type":"array","items":{{items}}}""";

    private static string OneOf(params string[] schemas) => $$"""{"oneOf":[{{string.Join(',', schemas)}}]}""";
}
