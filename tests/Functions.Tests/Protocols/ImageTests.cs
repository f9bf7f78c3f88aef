using System.Net.Http.Headers;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>Tests images as bodies of a predict call on the real executable.</summary>
public sealed class ImageTests : IAsyncLifetime
{
    /// <summary>An image of 2 x 2 pixels with the color (255, 128, 0).</summary>
    internal const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP438AARAwQCgAt7gX9iz9uhAAAAABJRU5ErkJggg==";

    private readonly ModelFolder _models = new();
    private FunctionsProcess _process = null!;

    [Fact]
    public async Task Predict_Png_IsTheModelsInput()
    {
        using var response = await PostAsync("pixels", "image/png", Convert.FromBase64String(Png));

        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([255f, 128, 0], body.GetProperty("predictions")[0].EnumerateArray().Select(value => value.GetSingle()));
    }

    [Theory]
    [InlineData("pixels", "image/png", "not a PNG, JPEG or WebP file", 400)]
    [InlineData("plain", "image/jpeg", "accepts no images", 400)]
    [InlineData("pixels", "image/webp", "not a PNG, JPEG or WebP file", 400)]
    [InlineData("pixels", "application/octet-stream", "not a PNG, JPEG or WebP file", 400)]
    [InlineData("pixels", "text/csv", "model pixels accepts images. Send the file with Content-Type: image/jpeg", 415)]
    [InlineData("plain", "text/csv", "Send JSON", 415)]
    [InlineData("plain", "application/octet-stream", "send JSON", 415)]
    [InlineData("wrong", "image/png", "$.image: Images become tensors of shape [1,3,4,2], but input \"x\" takes [-1,3,2,2]", 503)]
    public async Task Predict_UnreadableImage_NamesTheReason(string model, string type, string detail, int status)
    {
        using var response = await PostAsync(model, type, "no image"u8.ToArray());

        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    public async Task InitializeAsync()
    {
        foreach (var model in (string[])["pixels", "plain", "wrong"])
            TestModels.CopyTo("pixels", _models.PathOf(model, "1"));
        _models.Write("""{"image":{"height":2,"width":2,"scale":1}}""", "pixels", "model.json");
        _models.Write("""{"image":{"height":4,"width":2}}""", "wrong", "model.json");
        _process = await _models.ServeAsync();
    }

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        _models.Dispose();
    }

    private async Task<HttpResponseMessage> PostAsync(string model, string type, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return await _process.Client.PostAsync(new Uri($"/models/{model}/predict", UriKind.Relative), content);
    }
}
