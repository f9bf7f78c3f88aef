using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests that the page shows values as they are: without a rounding, an omission or an order that they do not have.</summary>
public sealed class PageValueTests(Chromium chromium, PageModels models) : IClassFixture<Chromium>, IClassFixture<PageModels>
{
    /// <summary>Responses have texts for NaN and the infinities.</summary>
    [ChromiumFact]
    public async Task Scores_ThatAreNotFinite_AreShownAndNeverBest()
    {
        await using var open = await OpenAsync("scaling");
        var (scores, best) = (open.Page.Locator(".bars .score"), open.Page.Locator(".bars .best"));

        await FillAsync(open, "NaN", "0.1", "0.2", "-inf");
        await open.ClickAsync("Predict");
        await Expect(scores).ToHaveTextAsync(["NaN", "0.3", "0.6", "-Infinity"]);
        await Expect(open.BestBar).ToHaveTextAsync("c");
        await Expect(open.Answer).ToContainTextAsync("c: 0.6 (");
        await open.AssertLayoutAsync("bars-that-are-not-finite");

        await FillAsync(open, "NaN", "NaN", "NaN", "NaN");
        await open.ClickAsync("Predict");
        await Expect(scores).ToHaveTextAsync(["NaN", "NaN", "NaN", "NaN"]);
        await Expect(best).ToHaveCountAsync(0);
        await Expect(open.Answer).ToContainTextAsync("Answered (");

        // Nothing is better than infinity, which is no score either.
        await FillAsync(open, "inf", "1", "0", "0");
        await open.ClickAsync("Predict");
        await Expect(scores.First).ToHaveTextAsync("Infinity");
        await Expect(best).ToHaveCountAsync(0);

        await FillAsync(open, "NaN", "NaN", "NaN", "NaN");
        await open.ClickAsync("Add a row");
        await open.Page.GetByLabel("x 1, row 2").FillAsync("1");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".values-table tbody tr")).ToHaveTextAsync(["1–NaNNaNNaNNaN", "2b0300"]);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Zero_WithASign_KeepsIt()
    {
        await using var open = await OpenAsync("scaling");
        await open.RespondAsync("**/predict", """{"version":2,"predictions":[[-0.0,1,2,3]]}""");

        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator(".bars .score")).ToHaveTextAsync(["-0", "1", "2", "3"]);
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("[-0, 1, 2, 3]");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Table_HasTheDigitsOfTheAnswer()
    {
        await using var open = await OpenAsync("scaling");
        await open.RespondAsync("**/predict", """{"version":2,"predictions":[[123456.78],[0.12345678]]}""");

        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator(".values-table tbody td")).ToHaveTextAsync(["123456.78", "0.12345678"]);

        await open.RespondAsync("**/predict", $$"""{"version":2,"predictions":[["{{new string('a', 300)}}"],["b"]]}""");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".values-table tbody td")).ToHaveTextAsync([$"{new string('a', 200)} …", "b"]);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Labels_WithoutAScore_AreLeftOut()
    {
        await using var open = await OpenAsync("scaling");

        await open.RespondAsync(
            "**/predict", """{"version":2,"predictions":[["x","y"]],"labels":[[{"label":"a"},null,{"label":"b","score":0.5}]]}""");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".bars .label")).ToHaveTextAsync(["b"]);

        await open.RespondAsync("**/predict", """{"version":2,"predictions":[["x"],["y"]],"labels":[[{"label":"a"}],null]}""");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".values-table tbody tr")).ToHaveTextAsync(["1–x", "2–y"]);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Items_WithoutValues_AreCounted()
    {
        await using var open = await OpenAsync("scaling");
        var answer = open.Page.Locator(".answer");

        await open.RespondAsync("**/predict", """{"version":2,"predictions":[[]]}""");
        await open.ClickAsync("Predict");
        await Expect(answer).ToContainTextAsync("1 item without values.");
        await open.RespondAsync("**/predict", """{"version":2,"predictions":[[],[]]}""");
        await open.ClickAsync("Predict");
        await Expect(answer).ToContainTextAsync("2 items without values.");

        // The server reads [] as no items. A table has no cell for an item without values.
        Assert.Equal("[[[]],null]", await open.Page.EvaluateAsync<string>(
            """
            async () => {
              const { sampleOf } = await import('/play/samples.js');
              const { columnsOf } = await import('/play/widgets/table.js');
              const model = { batch: 'dynamic', labels: [], inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 0] }] };
              return JSON.stringify([sampleOf(model, model.inputs[0]), columnsOf(model)]);
            }
            """));
        open.AssertNoComplaints();
    }

    /// <summary>A worker parses a large response and returns the beginning of its lists.</summary>
    [ChromiumFact]
    public async Task LargeAnswer_KeepsDigitsAndTheNumberOfItems()
    {
        await using var open = await OpenAsync("scaling");
        var item = $"[9007199254740993,\"{new string('a', 20)}\"]";
        await open.RespondAsync("**/predict", $$"""{"version":2,"predictions":[{{string.Join(',', Enumerable.Repeat(item, 20_000))}}]}""");

        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator(".values-table tbody tr").First).ToContainTextAsync("9007199254740993");
        await Expect(open.Page.GetByText("The first 100 of 20000 items.")).ToBeVisibleAsync();
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task FoundObjects_AreAllCounted()
    {
        await using var open = await OpenAsync("detector");
        var (boxes, scores) = (string.Join(',', Enumerable.Repeat("[0,0,4,4]", 150)), string.Join(',', Enumerable.Repeat("0.9", 150)));
        await open.RespondAsync("**/predict", $$"""{"version":2,"predictions":[{"boxes":[{{boxes}}],"scores":[{{scores}}]}]}""");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator("canvas.found + .hint")).ToHaveTextAsync("150 found in the picture. The first 100 are drawn.");
        await Expect(open.Page.GetByLabel("Found", new() { Exact = true }).Locator("li")).ToHaveCountAsync(100);

        // The numbers of the areas do not fit into a byte.
        var rows = Enumerable.Range(0, 8).Select(static row => $"[{string.Join(',', Enumerable.Repeat(row < 4 ? "256" : "0", 8))}]");
        await open.RespondAsync("**/predict", $$"""{"version":2,"predictions":[[{{string.Join(',', rows)}}]]}""");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator("canvas.found + .hint")).ToHaveTextAsync("2 kinds of area.");
        open.AssertNoComplaints();
    }

    /// <summary>The responses of the calls for jobs are those of the test, because this server has no storage.</summary>
    [ChromiumFact]
    public async Task JobResult_KeepsItsDigitsAndIsReadAgainAfterAFailure()
    {
        const string Job = "\"model\":\"typed\",\"status\":\"succeeded\",\"created\":\"2030-01-01T00:00:00Z\",\"attempts\":1";
        await using var open = await OpenPage.OpenAsync(chromium, models.Address, path: "/#reference");
        await open.RespondAsync("**/models", """{"models":[]}""");
        await open.RespondAsync("**/jobs?*", $$$"""
            {"jobs":[{"id":"inline",{{{Job}}},"result":{"predictions":[9007199254740993]}},{"id":"stored",{{{Job}}} }]}
            """);
        var (inline, stored) = (open.Page.GetByLabel("Result of job inline"), open.Page.GetByLabel("Result of job stored"));

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs", Exact = true }).ClickAsync();
        await Expect(inline).ToHaveTextAsync("""{"predictions":[9007199254740993]}""");
        var toggle = open.Page.Locator(".jobs > li").Filter(new() { HasText = "stored" }).Locator("summary");
        await open.Page.RouteAsync("**/jobs/stored/result", static route => route.AbortAsync());
        await toggle.ClickAsync();
        await Expect(stored).ToHaveTextAsync("The server cannot be reached.");
        await open.RespondAsync("**/jobs/stored/result", """{"predictions":[1]}""");
        await toggle.ClickAsync();
        await toggle.ClickAsync();
        await Expect(stored).ToHaveTextAsync("""{"predictions":[1]}""");
    }

    /// <summary>The storage cuts the end of a job to a whole second, and the server moves an end before the start to the start.</summary>
    [ChromiumFact]
    public async Task JobTime_IsShownInSeconds()
    {
        await using var open = await OpenPage.OpenAsync(chromium, models.Address, path: "/#reference");
        await open.RespondAsync("**/models", """{"models":[]}""");
        await open.RespondAsync("**/jobs?*", $$"""
            {"jobs":[{{Job("a", "00:00:37.517", "00:00:37.517")}},{{Job("b", "00:00:37.517", "00:00:38")}},
            {{Job("c", "00:00:00.2", "00:01:30")}}]}
            """);

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs", Exact = true }).ClickAsync();

        await Expect(open.Page.Locator(".jobs > li")).ToContainTextAsync(["took less than 1 s", "took about 1 s", "took about 90 s"]);

        static string Job(string id, string started, string finished) => $$"""
            {"id":"{{id}}","model":"typed","status":"failed","created":"2030-01-01T00:00:00Z","started":"2030-01-01T{{started}}Z",
            "finished":"2030-01-01T{{finished}}Z","attempts":1}
            """;
    }

    private Task<OpenPage> OpenAsync(string model) => OpenPage.OpenAsync(chromium, models.Address, path: $"/#models/{model}");

    private static async Task FillAsync(OpenPage open, params string[] values)
    {
        foreach (var (column, value) in values.Index())
            await open.Page.GetByLabel($"x {column}", new() { Exact = true }).FillAsync(value);
    }
}
