using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Functions.Hosting;
using Inference.Models;

namespace Functions.OpenApi;

/// <summary>Writes the OpenAPI 3.0.3 document directly into the response.</summary>
internal sealed partial class OpenApiWriter(IBufferWriter<byte> output) : IDisposable
{
    private readonly Utf8JsonWriter _writer = new(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes the whole document. Call this once.</summary>
    /// <param name="models">The models for which the document has separate paths and schemas.</param>
    /// <param name="server">The base address of all paths.</param>
    public void Write(IReadOnlyList<Model> models, string server)
    {
        _writer.WriteStartObject();
        _writer.WriteString("openapi"u8, "3.0.3"u8);
        _writer.WriteStartObject("info"u8);
        _writer.WriteString("title"u8, "Inference Functions"u8);
        _writer.WriteString("version"u8, ServerIdentity.Version);
        _writer.WriteEndObject();
        _writer.WriteStartArray("servers"u8);
        _writer.WriteStartObject();
        _writer.WriteString("url"u8, server);
        _writer.WriteEndObject();
        _writer.WriteEndArray();
        WritePaths(models, new RequestExamples(models));
        _writer.WriteStartObject("components"u8);
        _writer.WriteStartObject("securitySchemes"u8);
        WriteSecurityScheme();
        _writer.WriteEndObject();
        _writer.WriteStartObject("schemas"u8);
        var schemas = new OpenApiSchemas(_writer);
        schemas.WriteCommon();
        foreach (var model in models)
            schemas.WriteModel(model);
        _writer.WriteEndObject();
        _writer.WriteEndObject();
        _writer.WriteStartArray("security"u8);
        _writer.WriteStartObject();
        _writer.WriteStartArray("key"u8);
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        _writer.WriteEndArray();
        _writer.WriteEndObject();
        _writer.Flush();
    }

    public void Dispose() => _writer.Dispose();

    private void WriteSecurityScheme()
    {
        _writer.WriteStartObject("key"u8);
        _writer.WriteString("type"u8, "apiKey"u8);
        _writer.WriteString("in"u8, "header"u8);
        _writer.WriteString("name"u8, "x-functions-key"u8);
        _writer.WriteEndObject();
    }

    private void WritePaths(IReadOnlyList<Model> models, RequestExamples examples)
    {
        _writer.WriteStartObject("paths"u8);
        foreach (var path in ApiRoute.All.GroupBy(route => route.Path))
        {
            _writer.WriteStartObject(path.Key);
            foreach (var route in path)
                WriteOperation(route, examples.FindFor(route));
            _writer.WriteEndObject();
        }

        foreach (var model in models)
        {
            var name = model.Id.Name.Value;
            var route = new ApiRoute($"predict.{name}", "post", $"/models/{name}/predict", name, $"A prediction by {name}",
                OpenApiSchemas.GetRequestName(model), OpenApiSchemas.GetResponseName(model));
            _writer.WriteStartObject(route.Path);
            WriteOperation(route, example: null);
            _writer.WriteEndObject();
        }

        _writer.WriteEndObject();
    }

    /// <param name="example">
    /// The example of the request; null when the request's schema has an example, or when no loaded model supports the route.
    /// </param>
    private void WriteOperation(ApiRoute route, RequestExample? example)
    {
        _writer.WriteStartObject(route.Method);
        _writer.WriteString("operationId"u8, route.Id);
        _writer.WriteStartArray("tags"u8);
        _writer.WriteStringValue(route.Tag);
        _writer.WriteEndArray();
        _writer.WriteString("summary"u8, route.Summary);
        WriteParameters(route, example?.Model.Id);
        if (route.Request is { } request)
        {
            _writer.WriteStartObject("requestBody"u8);
            _writer.WriteBoolean("required"u8, !route.IsBodyOptional);
            WriteContent([("application/json", request)], example?.Body);
            _writer.WriteEndObject();
        }

        _writer.WriteStartObject("responses"u8);
        if (!route.IsUnsupported)
            WriteResponse("200", "The response", route.ResponseType, route.Response, route.OtherResponseTypes);
        if (route is { Response: "Job", Request: not null })
            WriteResponse("202", "The job waits or runs", route.ResponseType, route.Response);
        var (type, error) = route.Error;
        WriteResponse("default", "The error", type, error);
        _writer.WriteEndObject();
        _writer.WriteEndObject();
    }

    private void WriteParameters(ApiRoute route, ModelId? model)
    {
        var names = PathParameter().Matches(route.Path);
        if (names.Count + route.Parameters.Length == 0)
            return;
        _writer.WriteStartArray("parameters"u8);
        foreach (Match name in names)
            WriteParameter(new("path", name.Groups[1].Value, Description: null, """{"type":"string"}"""), ExampleOf(name.Groups[1].Value));
        foreach (var parameter in route.Parameters)
            WriteParameter(parameter, example: null);
        _writer.WriteEndArray();

        string? ExampleOf(string name) => name switch
        {
            "model" => model?.Name.Value,
            "version" => model?.Version.ToString(CultureInfo.InvariantCulture),
            "file" => route.FileExample,
            _ => null,
        };
    }

    private void WriteParameter(ApiParameter parameter, string? example)
    {
        _writer.WriteStartObject();
        _writer.WriteString("name"u8, parameter.Name);
        _writer.WriteString("in"u8, parameter.Location);
        _writer.WriteBoolean("required"u8, parameter.Location == "path");
        if (parameter.Description is { } description)
            _writer.WriteString("description"u8, description);
        _writer.WritePropertyName("schema"u8);
        _writer.WriteRawValue(parameter.Schema);
        if (example is not null)
            _writer.WriteString("example"u8, example);
        _writer.WriteEndObject();
    }

    /// <param name="otherTypes">Other media types of the response, each without a schema.</param>
    private void WriteResponse(string status, string description, string type, string? schema, params string[] otherTypes)
    {
        _writer.WriteStartObject(status);
        _writer.WriteString("description"u8, description);
        if (schema is not null)
            WriteContent([(type, schema), .. otherTypes.Select(static otherType => (otherType, otherType))]);
        _writer.WriteEndObject();
    }

    /// <param name="media">
    /// Media types, each with the name of its schema. Content that is not JSON has no schema, so the media type is repeated.
    /// </param>
    private void WriteContent((string Type, string Schema)[] media, JsonNode? example = null)
    {
        _writer.WriteStartObject("content"u8);
        foreach (var (type, schema) in media)
        {
            _writer.WriteStartObject(type);
            _writer.WriteStartObject("schema"u8);
            if (schema == type)
                _writer.WriteString("type"u8, "string"u8);
            else
                _writer.WriteString("$ref"u8, $"#/components/schemas/{schema}");
            _writer.WriteEndObject();
            if (example is not null)
            {
                _writer.WritePropertyName("example"u8);
                example.WriteTo(_writer);
            }

            _writer.WriteEndObject();
        }

        _writer.WriteEndObject();
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();
}
