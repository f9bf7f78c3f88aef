using Functions.Tests.Models;
using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests the page with the real server, a real browser and the mouse.</summary>
public sealed class PageTests(Chromium chromium, EmbeddedModelsTests.Server server)
    : IClassFixture<Chromium>, IClassFixture<EmbeddedModelsTests.Server>
{
    private Uri Address => server.Process.Client.BaseAddress!;

    [ChromiumFact]
    public async Task Draw_WithTheMouse_TheRightBarIsHighest()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Address);
        await Expect(open.Page.GetByText("draw a digit here", new() { Exact = true })).ToBeVisibleAsync();
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToHaveTextAsync("Draw a digit, or choose an example.");
        await open.AssertLayoutAsync("digits-empty");

        await open.DrawAsync((0.5f, 0.1f), (0.5f, 0.9f));
        await Expect(open.BestBar).ToHaveTextAsync("1");
        await open.ClickAsync("Clear");
        await open.DrawAsync(
            (0.5f, 0.1f), (0.3f, 0.3f), (0.28f, 0.6f), (0.4f, 0.88f), (0.6f, 0.88f), (0.72f, 0.6f), (0.7f, 0.3f), (0.5f, 0.1f));
        await Expect(open.BestBar).ToHaveTextAsync("0");

        await Expect(open.Page.Locator(".bars li")).ToHaveCountAsync(10);
        await Expect(open.Page.GetByText("draw a digit here", new() { Exact = true })).ToBeHiddenAsync();
        await open.ClickAsync("Draw 7");
        await Expect(open.BestBar).ToHaveTextAsync("7");
        await Expect(open.Page.Locator(".chart svg")).ToHaveCountAsync(2);
        await open.AssertLayoutAsync("digits");
        open.AssertNoComplaints();
    }

    /// <summary>The user only chooses the model. The form already has a text, and the examples are buttons.</summary>
    [ChromiumFact]
    public async Task Entities_OfTheShippedModel_AreMarkedInItsSampleAndExamples()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Address);

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "entities", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("entities");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator("mark")).ToContainTextAsync(["Marie Curie PER", "Warsaw LOC", "Paris LOC"]);

        await open.ClickAsync("Example 1");
        await Expect(open.Page.Locator("mark")).ToContainTextAsync(["Tom PER", "Prague LOC", "last summer DATE"]);
        await open.AssertLayoutAsync("shipped-entities");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task BadInput_IsAnsweredWithTheServersMessage()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Address, path: "/#models/iris");
        await open.ClickAsync("JSON");
        await open.Page.GetByLabel("Body of the call", new() { Exact = true }).FillAsync("""{"features":[5.1,3.5,"long",0.2]}""");

        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator(".answer .error")).ToContainTextAsync("features[2]");
        open.AssertNoComplaints(expected: "400");
    }

    [ChromiumFact]
    public async Task Models_WhileRequestsCome_ShowStatesRatesAndCharts()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Address, path: "/#models/iris");

        await open.ClickAsync("Predict");

        await Expect(open.Answer).ToContainTextAsync("setosa: 97.8 %");
        var row = open.Page.Locator("li[data-model=iris]");
        await Expect(row.Locator(".state")).ToHaveTextAsync("ready");
        await Expect(row.Locator(".latency")).ToContainTextAsync("s");
        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "Latency: " })).ToBeVisibleAsync();
        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "Batch sizes: Runs by" })).ToBeVisibleAsync();
        // A few requests do not say which step is slow.
        for (var i = 0; i < 20; i++)
            await server.Process.PostJsonAsync("/models/iris/predict", """{"features":[5.1,3.5,1.4,0.2]}""");
        await Expect(open.Page.GetByText("most of it")).ToBeVisibleAsync();
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task SampleForms_OfAllKindsOfModels_Answer()
    {
        string[] kinds =
        [
            "two_in_two_out", "scalar", "fixed_batch", "gather", "dynamic_inner", "image", "embedder",
            "identity_bool", "identity_double", "identity_float16", "identity_int8", "identity_int64", "identity_uint64", "identity_string",
        ];
        using var models = new ModelFolder();
        foreach (var kind in kinds)
            TestModels.CopyTo(kind, models.PathOf(kind, "1"));
        TestModels.CopyTo("pixels", models.PathOf("pixels", "1"));
        models.Write("""{"image":{"height":2,"width":2,"scale":1}}""", "pixels", "model.json");
        await using var process = await models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);

        foreach (var kind in kinds.Append("pixels"))
        {
            await open.Page.GetByRole(AriaRole.Link, new() { Name = kind, Exact = true }).ClickAsync();
            await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync(kind);
            await open.ClickAsync("Predict");
            await Expect(open.Page.Locator(".answer pre")).ToContainTextAsync($"\"model\": \"{kind}\"");
        }

        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Warnings_OfASettingsFile_AreShownUntilTheFileIsFixed()
    {
        using var models = new ModelFolder();
        models.WriteScaling("scaling", 1, 2);
        models.Write("metric_tags { key: \"a\" value: \"b\" }\n", "scaling", "config.pbtxt");
        await using var process = await models.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");

        await Expect(open.Page.Locator(".detail .warnings summary")).ToHaveTextAsync("1 warning about the settings");
        await Expect(open.Page.Locator(".detail .warnings li")).ToContainTextAsync("config.pbtxt:1: metric_tags: ");
        await Expect(open.Page.Locator("li[data-model=scaling] .warning")).ToHaveTextAsync("1 warning");
        await open.AssertLayoutAsync("warnings");
        File.Delete(models.PathOf("scaling", "config.pbtxt"));

        await Expect(open.Page.Locator("li[data-model=scaling] .warning")).ToHaveCountAsync(0);
        await Expect(open.Page.Locator(".detail .warnings")).ToBeHiddenAsync();
        open.AssertNoComplaints();
    }
}
