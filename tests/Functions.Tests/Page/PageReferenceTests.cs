using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests the API tab, which shows every route with its schemas and examples, and sends requests.</summary>
public sealed class PageReferenceTests(Chromium chromium) : IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task Operations_AreDescribedAndExecuted()
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"));
        process.Client.DefaultRequestHeaders.Add("x-functions-key", "f-key");
        await process.PostJsonAsync("/models/iris/predict", """{"features":[1,2,3,4]}""");
        var paths = (await process.GetAsync("/openapi.json")).GetProperty("paths");
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#reference");
        await open.Page.GetByLabel("Key", new() { Exact = true }).FillAsync("f-key");
        await open.Page.Keyboard.PressAsync("Enter");

        var operations = open.Page.Locator(".operation");
        await Expect(operations).ToHaveCountAsync(paths.EnumerateObject().Sum(path => path.Value.EnumerateObject().Count()));
        var predict = Operation(open, "/models/iris/predict");
        await predict.Locator("summary").First.ClickAsync();
        await predict.GetByText("application/json", new() { Exact = true }).First.ClickAsync();
        await Expect(predict.GetByLabel("Schema").First).ToContainTextAsync("\"features\"");
        await Expect(predict.Locator("dd", new() { HasText = "The error" }).First).ToBeVisibleAsync();
        await predict.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Expect(predict.GetByRole(AriaRole.Status)).ToContainTextAsync("200 in");
        await Expect(predict.GetByLabel("Answer")).ToContainTextAsync("\"predictions\"");

        var one = Operation(open, "/models/{model}");
        await one.Locator("summary").First.ClickAsync();
        await one.GetByText("application/json", new() { Exact = true }).First.ClickAsync();
        await Expect(one.GetByLabel("Example").First).ToContainTextAsync("\"measurements\"");
        await Expect(one.GetByLabel("model", new() { Exact = true })).ToHaveValueAsync("iris");
        await one.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Expect(one.GetByRole(AriaRole.Status)).ToContainTextAsync("200 in");
        await one.GetByLabel("model", new() { Exact = true }).FillAsync("none/../x");
        await one.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Expect(one.GetByRole(AriaRole.Status)).ToContainTextAsync("404 in");
        var embeddings = Operation(open, "/v1/embeddings");
        await embeddings.Locator("summary").First.ClickAsync();
        await Expect(embeddings.GetByLabel("Body", new() { Exact = true })).ToHaveValueAsync("");
        await embeddings.GetByText("application/json", new() { Exact = true }).First.ClickAsync();
        await Expect(embeddings.GetByText("No example: no loaded model").First).ToBeVisibleAsync();
        await open.AssertLayoutAsync("reference");
        open.AssertNoComplaints(expected: "40");
    }

    /// <summary>
    /// The page reads the examples again when it is opened again, and keeps what the user has typed. A JavaScript number holds only
    /// integers up to 2^53.
    /// </summary>
    [ChromiumFact]
    public async Task Example_OfAModelThatIsLoadedLater_IsShownWithAllDigits()
    {
        using var models = new ModelFolder();
        models.Write(OnnxText.Compile("in id i64[n,1]; number = Identity(id); out number i64[n,1]"), "typed", "1", "model.onnx");
        models.Write(
            """{"lifecycle":{"warmup":[{"request":{"inputs":{"id":[9007199254740997]}}}]}}""", "typed", "model.json");
        var longName = new string('x', 120);
        models.WriteScaling(longName, 1, 2);
        await using var process = await models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#reference");
        var health = Operation(open, "/health/live");
        await health.Locator("summary").First.ClickAsync();
        await health.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Expect(health.GetByRole(AriaRole.Status)).ToContainTextAsync("200 in");
        var one = Operation(open, "/models/{model}");
        await one.Locator("summary").First.ClickAsync();
        await one.GetByLabel("model", new() { Exact = true }).FillAsync("typed");
        await process.PostJsonAsync("/models/typed/predict", """{"inputs":{"id":[1]}}""");
        await process.PostJsonAsync($"/models/{longName}/predict", """{"features":[1,0,0,0]}""");

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs", Exact = true }).ClickAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "API", Exact = true }).ClickAsync();

        var predict = Operation(open, "/models/typed/predict");
        await predict.Locator("summary").First.ClickAsync();
        await Expect(predict.GetByLabel("Body", new() { Exact = true })).ToHaveValueAsync("{\"inputs\":{\"id\":[9007199254740997]}}");
        await predict.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync();
        await Expect(predict.GetByLabel("Answer")).ToContainTextAsync("9007199254740997");
        await Expect(one.GetByLabel("model", new() { Exact = true })).ToHaveValueAsync("typed");
        await Expect(health.GetByRole(AriaRole.Status)).ToContainTextAsync("200 in");
        await Expect(open.Page.GetByRole(AriaRole.Heading, new() { Name = longName })).ToBeVisibleAsync();
        await open.AssertLayoutAsync("reference-with-a-long-name");
        open.AssertNoComplaints();
    }

    private static ILocator Operation(OpenPage open, string path) => open.Page.Locator(".operation")
        .Filter(new() { Has = open.Page.Locator("summary").First.GetByText(path, new() { Exact = true }) });
}
