using System.Text.Json;
using Functions.Tests.Host;
using Microsoft.OpenApi;

namespace Functions.Tests.Protocols;

/// <summary>GET /openapi.json, read by Microsoft's own library.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_WithLoadedModels_IsValidAndHasTheirSchemas()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await process.AskAsync("/models/iris/predict", """{"features":[1,2,3,4]}""");

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

        // What the document gives as an example is a request that is answered.
        await process.AskAsync("/models/iris/predict", schemas.GetProperty("iris.PredictRequest").GetProperty("example").ToString());
    }

    [Fact]
    public async Task Document_Paths_AreTheFunctions()
    {
        await using var host = await HostedApp.StartAsync();
        using var response = await host.Client.GetAsync(new Uri("/openapi.json", UriKind.Relative));
        var paths = (await HostedApp.ReadAsync(response)).GetProperty("paths");

        Assert.Equal(
            from function in host.Functions
            where function.IsHttp
            from method in function.Methods
            let call = $"{method.ToLowerInvariant()} /{function.Route}"
            orderby call
            select call,
            from path in paths.EnumerateObject()
            from method in path.Value.EnumerateObject()
            let call = $"{method.Name} {path.Name}"
            orderby call
            select call);
    }
}
