using System.Text.Json;
using System.Text.Json.Nodes;
using Functions.Tests.Host;
using Microsoft.OpenApi;

namespace Functions.Tests.Protocols;

/// <summary>Tests GET /openapi.json. Microsoft's library reads the document.</summary>
public sealed class OpenApiTests(HuggingFaceTests.Server tasks) : IClassFixture<HuggingFaceTests.Server>
{
    /// <summary>
    /// The documented routes that are not functions. A scrape must reach one instance, and the function for <c>/v2/models/{model}</c> also
    /// serves the statistics. The home page at <c>/</c> is not documented, because it is a copy of <c>/play</c>.
    /// </summary>
    private static readonly string[] NotFunctions = ["get /metrics", "get /v2/models/stats"];

    [Fact]
    public async Task Document_WithLoadedModels_IsValidAndHasTheirSchemas()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await process.PostJsonAsync("/models/iris/predict", """{"features":[1,2,3,4]}""");

        var json = await process.Client.GetStringAsync(new Uri("/openapi.json", UriKind.Relative));

        var read = OpenApiDocument.Parse(json, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        var document = JsonDocument.Parse(json).RootElement;
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var features = schemas.GetProperty("iris.PredictRequest").GetProperty("properties").GetProperty("features").GetProperty("anyOf");
        Assert.Equal(
            """{"type":"array","items":{"type":"array","minItems":4,"maxItems":4,"items":{"type":"number"}}}""", features[0].ToString());
        Assert.Equal("""{"type":"array","minItems":4,"maxItems":4,"items":{"type":"number"}}""", features[1].ToString());
        Assert.Equal(
            """{"type":"array","items":{"type":"array","minItems":3,"maxItems":3,"items":{"type":"number"}}}""",
            schemas.GetProperty("iris.Prediction").GetProperty("properties").GetProperty("predictions").ToString());
        Assert.Equal("#/components/schemas/SettingsWarning", schemas.GetProperty("Model")
            .GetProperty("properties").GetProperty("warnings").GetProperty("items").GetProperty("$ref").GetString());
        Assert.True(document.GetProperty("paths").TryGetProperty("/models/iris/predict", out _));
        Assert.False(document.GetProperty("paths").TryGetProperty("/models/digits/predict", out _));

        // The server accepts the example of the document.
        await process.PostJsonAsync("/models/iris/predict", schemas.GetProperty("iris.PredictRequest").GetProperty("example").ToString());
    }

    /// <summary>Generated clients name their methods by the ids, and get types from the schemas.</summary>
    [Fact]
    public async Task Document_EveryOperation_HasAnIdOfItsOwnAndSchemasOfItsBodies()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await process.PostJsonAsync("/models/iris/predict", """{"features":[1,2,3,4]}""");
        var document = await process.GetAsync("/openapi.json");
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(static path =>
                path.Value.EnumerateObject().Select(operation => (Call: $"{operation.Name} {path.Name}", operation.Value)))
            .ToList();

        var ids = operations.Select(static operation => operation.Value.GetProperty("operationId").GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Contains("predictByVersion", ids);
        Assert.Contains("predict.iris", ids);
        foreach (var (call, operation) in operations)
        {
            var content = operation.GetProperty("responses").EnumerateObject().Select(response => response.Value)
                .Append(operation.TryGetProperty("requestBody", out var body) ? body : default)
                .Where(part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("content", out _))
                .SelectMany(part => part.GetProperty("content").EnumerateObject());
            foreach (var media in content.Where(media => media.Name.Contains("json", StringComparison.Ordinal)))
            {
                var name = media.Value.GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
                var schema = schemas.GetProperty(name);
                Assert.False(schema.ToString() == """{"type":"object"}""", $"{call}: {name} says nothing.");
            }
        }
    }

    /// <summary>Each response has the required members of its schema, and no unknown member.</summary>
    [Fact]
    public async Task Responses_OfAServer_AreAsTheirSchemasSay()
    {
        (string Path, string Schema)[] responses =
        [
            ("/models", "Models"),
            ("/models/iris", "Model"),
            ("/v1/models", "OpenAiModels"),
            ("/v1/models/iris", "TensorFlowStatus"),
            ("/v1/models/iris/metadata", "TensorFlowMetadata"),
            ("/v2", "ServerMetadata"),
            ("/v2/models/iris", "ModelMetadata"),
            ("/v2/models/iris/ready", "ModelReady"),
            ("/v2/models/iris/stats", "ModelStatistics"),
            ("/v2/models/iris/config", "ModelConfig"),
            ("/health/ready", "Ready"),
            ("/status", "Status"),
        ];
        await using var process = await FunctionsProcess.StartAsync();
        await process.PostJsonAsync("/models/iris/predict", """{"features":[1,2,3,4]}""");
        var schemas = (await process.GetAsync("/openapi.json")).GetProperty("components").GetProperty("schemas");

        foreach (var (path, schema) in responses)
            Assert.Empty(SchemaCheck.Find(await process.GetAsync(path), schemas.GetProperty(schema), schemas, path));
    }

    /// <summary>A request with texts or images in "inputs" gets Hugging Face's format, which depends on the model's task.</summary>
    [Theory]
    [InlineData("sentences", "\"hello\"", "FeatureExtractionResult")]
    [InlineData("sentences", "[\"hello\",\"world\"]", "FeatureExtractionResult")]
    [InlineData("sentiment", "\"hello\"", "TextLabelsResult")]
    [InlineData("sentiment", "[\"hello\",\"world\"]", "TextLabelsResult")]
    [InlineData("ranker", """{"text":"hello","text_pair":"world"}""", "TextLabelsResult")]
    [InlineData("nli", "\"hello\",\"parameters\":{\"candidate_labels\":[\"world\"]}", "ZeroShotResult")]
    [InlineData("nli", "[\"hello\"],\"parameters\":{\"candidate_labels\":[\"world\"]}", "ZeroShotResult")]
    [InlineData("entities", "\"hello paris\"", "EntitiesResult")]
    [InlineData("entities", "[\"hello paris\"],\"parameters\":{\"aggregation_strategy\":\"none\"}", "EntitiesResult")]
    [InlineData("masked", "\"hello [MASK]\"", "MasksResult")]
    [InlineData("masked", "[\"hello [MASK]\",\"[MASK] [MASK]\"]", "MasksResult")]
    [InlineData("pixels", $"\"{HuggingFaceTests.Red}\"", "ImageLabelsResult")]
    [InlineData("pixels", $"[\"{HuggingFaceTests.Red}\"]", "ImageLabelsResult")]
    public async Task Document_ResponseOfATask_HasItsArrayForm(string model, string inputs, string result)
    {
        var response = await tasks.Process.PostJsonAsync($"/models/{model}/predict", $$"""{"inputs":{{inputs}}}""");
        var schemas = (await tasks.Process.GetAsync("/openapi.json")).GetProperty("components").GetProperty("schemas");

        var forms = schemas.GetProperty($"{model}.PredictResponse").GetProperty("anyOf").EnumerateArray()
            .Select(form => form.GetProperty("$ref").GetString()!.Split('/')[^1]).ToList();
        Assert.Equal([$"{model}.Prediction", result], forms);
        Assert.Empty(SchemaCheck.Find(response, schemas.GetProperty(result), schemas, "response"));
    }

    /// <summary>The server's error about an unknown parameter lists the parameters of the model.</summary>
    [Theory]
    [InlineData("sentences")]
    [InlineData("sentiment")]
    [InlineData("ranker")]
    [InlineData("nli")]
    [InlineData("entities")]
    [InlineData("masked")]
    [InlineData("pixels")]
    [InlineData("unknown")]
    public async Task Document_ParametersOfATask_AreThoseThatTheServerAccepts(string model)
    {
        await tasks.Process.GetAsync($"/models/{model}");
        var schemas = (await tasks.Process.GetAsync("/openapi.json")).GetProperty("components").GetProperty("schemas");
        var request = schemas.GetProperty($"{model}.PredictRequest");
        var parameters = schemas.GetProperty(
            request.GetProperty("properties").GetProperty("parameters").GetProperty("$ref").GetString()!.Split('/')[^1]);
        var names = parameters.GetProperty("properties").EnumerateObject().Select(static parameter => $"\"{parameter.Name}\"").ToList();

        using var refused = await tasks.Process.PostAsync($"/models/{model}/predict", """{"parameters":{"other":1}}""");
        var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString();

        Assert.EndsWith($" {string.Join(", ", names)}.", error, StringComparison.Ordinal);
        Assert.False(parameters.GetProperty("additionalProperties").GetBoolean());
        var body = JsonNode.Parse(request.GetProperty("example").ToString())!.AsObject();
        foreach (var parameter in parameters.GetProperty("properties").EnumerateObject())
        {
            foreach (var value in ValuesOf(parameter))
            {
                if (body["parameters"] is not JsonObject sent)
                    body["parameters"] = sent = [];
                sent[parameter.Name] = JsonNode.Parse(value);
                await tasks.Process.PostJsonAsync($"/models/{model}/predict", body.ToJsonString());
            }
        }
    }

    /// <summary>Values that a schema of a parameter allows, as JSON.</summary>
    private static IEnumerable<string> ValuesOf(JsonProperty parameter)
    {
        var schema = parameter.Value;
        if (schema.TryGetProperty("enum", out var choices))
            return choices.EnumerateArray().Select(static choice => choice.GetRawText());
        if (schema.TryGetProperty("oneOf", out _))
            return ["\"world\"", "[\"hello\",\"world\"]"];
        return schema.GetProperty("type").GetString() switch
        {
            "boolean" => ["true", "false"],
            "integer" => Members("minimum", "maximum"),
            // The valid texts of a parameter without a default depend on the model.
            "string" => Members("default"),
            var type => throw new InvalidOperationException($"{parameter.Name} has the type {type}, of which ValuesOf has no values."),
        };

        IEnumerable<string> Members(params string[] names) =>
            names.Where(name => schema.TryGetProperty(name, out _)).Select(name => schema.GetProperty(name).GetRawText());
    }

    [Fact]
    public async Task Document_FileOfThePage_HasTheTypesOfItsFiles()
    {
        await using var process = await FunctionsProcess.StartAsync();
        var content = (await process.GetAsync("/openapi.json")).GetProperty("paths").GetProperty("/play/{file}").GetProperty("get")
            .GetProperty("responses").GetProperty("200").GetProperty("content");
        var types = new HashSet<string>();
        foreach (var file in (string[])["app.js", "page.css", "icon.svg"])
        {
            using var response = await process.Client.GetAsync(new Uri($"/play/{file}", UriKind.Relative));
            types.Add(response.Content.Headers.ContentType!.MediaType!);
        }

        Assert.Equal(types.Order(), content.EnumerateObject().Select(static type => type.Name).Order());
    }

    [Fact]
    public async Task Document_Paths_AreTheFunctions()
    {
        await using var host = await HostedApp.StartAsync();
        using var response = await host.Client.GetAsync(new Uri("/openapi.json", UriKind.Relative));
        var paths = (await HostedApp.ReadAsync(response)).GetProperty("paths");

        Assert.Equal(
            from call in host.Functions.Where(function => function.IsHttp)
                .SelectMany(function => function.Methods.Select(method => $"{method.ToLowerInvariant()} /{function.Route}"))
                .Concat(NotFunctions)
            orderby call
            select call,
            from path in paths.EnumerateObject()
            from method in path.Value.EnumerateObject()
            let call = $"{method.Name} {path.Name}"
            orderby call
            select call);
    }
}
