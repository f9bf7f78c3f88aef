using System.Net;
using System.Text;
using System.Text.Json;

namespace Functions.Tests.Protocols;

/// <summary>Sends the example of each operation in a server's OpenAPI document, as the API tab of the page does.</summary>
/// <param name="hasJobs">Whether the server has a storage account, without which it refuses jobs.</param>
internal sealed class DocumentWalk(FunctionsProcess process, bool hasJobs)
{
    private JsonElement _schemas;

    /// <summary>A line for each response that is not as the document says.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>The operations without an example of a required part.</summary>
    public List<string> WithoutExample { get; } = [];

    /// <summary>Sends the examples with each model alone, and then with all models loaded.</summary>
    /// <returns>The operations without an example when all models are loaded.</returns>
    public static async Task<List<string>> SendForEachAsync(FunctionsProcess process, bool hasJobs, params string[] models)
    {
        foreach (var model in models)
        {
            await process.GetAsync($"/models/{model}");
            var walk = new DocumentWalk(process, hasJobs);
            await walk.SendAsync();
            Assert.True(walk.Differences.Count == 0, $"{model}: {string.Join('\n', walk.Differences)}");
            using var unloaded = await process.PostAsync($"/v2/repository/models/{model}/unload", "{}");
            unloaded.EnsureSuccessStatusCode();
        }

        foreach (var model in models)
            await process.GetAsync($"/models/{model}");
        var all = new DocumentWalk(process, hasJobs);
        await all.SendAsync();
        Assert.True(all.Differences.Count == 0, string.Join('\n', all.Differences));
        return all.WithoutExample;
    }

    public async Task SendAsync()
    {
        var document = await process.GetAsync("/openapi.json");
        _schemas = document.GetProperty("components").GetProperty("schemas");
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                if (!hasJobs && operation.Value.GetProperty("tags")[0].GetString() == "Jobs")
                    continue;
                if (RequestOf(path.Name, operation) is { } request)
                    await SendAsync(request, operation.Value.GetProperty("responses"));
                else
                    WithoutExample.Add($"{operation.Name} {path.Name}");
            }
        }
    }

    /// <returns>null when a required part has no example.</returns>
    private HttpRequestMessage? RequestOf(string path, JsonProperty operation)
    {
        if (operation.Value.TryGetProperty("parameters", out var parameters))
        {
            foreach (var parameter in parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == "path"))
            {
                if (!parameter.TryGetProperty("example", out var example))
                    return null;
                path = path.Replace($"{{{parameter.GetProperty("name")}}}", example.ToString(), StringComparison.Ordinal);
            }
        }

        var request = new HttpRequestMessage(HttpMethod.Parse(operation.Name), path);
        if (!operation.Value.TryGetProperty("requestBody", out var body))
            return request;
        var media = body.GetProperty("content").GetProperty("application/json");
        if (!media.TryGetProperty("example", out var json) && !SchemaOf(media).TryGetProperty("example", out json))
            return null;
        request.Content = new StringContent(json.ToString(), Encoding.UTF8, "application/json");
        return request;
    }

    private async Task SendAsync(HttpRequestMessage request, JsonElement responses)
    {
        var call = $"{request.Method} {request.RequestUri} {await (request.Content?.ReadAsStringAsync() ?? Task.FromResult(""))}";
        using var response = await process.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var status = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!responses.TryGetProperty(status, out var documented))
        {
            var onlyErrors = responses.EnumerateObject().All(static one => one.Name == "default");
            if (!onlyErrors || response.StatusCode >= HttpStatusCode.InternalServerError)
                Differences.Add($"{call} has status {status}: {text}");
            documented = responses.GetProperty("default");
        }

        if (!documented.TryGetProperty("content", out var content))
            return;
        if (!content.TryGetProperty(response.Content.Headers.ContentType?.MediaType ?? "", out var media))
        {
            Differences.Add($"{call} returned {response.Content.Headers.ContentType}");
        }
        else if (media.GetProperty("schema").TryGetProperty("$ref", out _))
        {
            Differences.AddRange(SchemaCheck.Find(JsonDocument.Parse(text).RootElement, media.GetProperty("schema"), _schemas, call));
        }
    }

    private JsonElement SchemaOf(JsonElement media) =>
        _schemas.GetProperty(media.GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1]);
}
