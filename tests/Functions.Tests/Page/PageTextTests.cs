using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests models for texts, each with the widget of its task.</summary>
public sealed class PageTextTests(Chromium chromium, HuggingFaceTests.Server server)
    : IClassFixture<Chromium>, IClassFixture<HuggingFaceTests.Server>
{
    [ChromiumFact]
    public async Task Sentences_AreComparedInAMatrix()
    {
        await using var open = await OpenAsync("sentences");

        await open.Page.GetByLabel("Sentences, one a line").FillAsync("hello\nworld\nhello");
        await open.ClickAsync("Predict");

        var matrix = open.Page.GetByLabel("Similarity of the sentences").Locator("tbody tr");
        await Expect(matrix).ToHaveCountAsync(3);
        await Expect(matrix.First.Locator("td")).ToHaveCountAsync(3);
        await Expect(matrix.First.Locator("td").Nth(2)).ToHaveTextAsync("1.00");
        await Expect(open.Page.Locator(".answer")).ToContainTextAsync("Most similar (1.00): \"hello\" and \"hello\".");
        await open.AssertLayoutAsync("matrix");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Texts_AreRanked()
    {
        await using var open = await OpenAsync("ranker");

        await open.Page.GetByLabel("Texts, one a line").FillAsync("hello\nworld\nparis");
        await open.ClickAsync("Predict");

        var ranked = open.Page.Locator(".ranked li");
        await Expect(ranked).ToHaveCountAsync(3);
        double[] scores = [.. (await ranked.Locator(".score").AllTextContentsAsync()).Select(text => double.Parse(
            text.TrimEnd('%', ' '), System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(scores.OrderDescending(), scores);
        await open.AssertLayoutAsync("ranked");
        open.AssertNoComplaints();
    }

    /// <summary>The texts of a ranking are those of a predict call, whose route names the version.</summary>
    [ChromiumFact]
    public async Task Texts_AreRankedByTheChosenVersionAndShownAsJson()
    {
        await using var open = await OpenAsync("rankers");
        var (body, texts) = (open.Page.GetByLabel("Body of the call"), open.Page.GetByLabel("Texts, one a line"));
        await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync("1");
        await Expect(open.Page.GetByLabel("Code", new() { Exact = true })).ToContainTextAsync("/models/rankers/versions/1/predict");
        await open.Page.GetByLabel("Query").FillAsync("hello");
        await texts.FillAsync("world\nparis");

        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".ranked li")).ToHaveCountAsync(2);
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"version\": 1");
        await open.ClickAsync("JSON");
        await Expect(body).ToHaveValueAsync(
            """{"text":[{"text":"hello","text_pair":"world"},{"text":"hello","text_pair":"paris"}],"parameters":{"truncate":true}}""");
        await open.ClickAsync("Predict");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"version\": 1");
        await body.FillAsync("""{"text":[{"text":"hello","text_pair":"this is"}],"parameters":{"truncate":true}}""");
        await open.ClickAsync("Ranking");
        await Expect(texts).ToHaveValueAsync("this is");
        open.AssertNoComplaints();
    }

    /// <summary>The scores of several labels need not add up to 1. The scores of a regression are not probabilities.</summary>
    [ChromiumFact]
    public async Task Scores_ArePercentWhereTheModelSaysSo()
    {
        await using var open = await OpenAsync("topics");
        var score = open.Page.Locator(".bars .score").First;

        await open.Page.GetByLabel("Text", new() { Exact = true }).FillAsync("hello");
        await open.ClickAsync("Predict");
        await Expect(score).ToContainTextAsync("%");
        await open.AssertLayoutAsync("bars-of-several-labels");
        await open.ClickAsync("JSON");
        await open.Page.GetByLabel("Body of the call").FillAsync("""{"text":"hello","parameters":{"function_to_apply":"none"}}""");
        await open.ClickAsync("Predict");
        await Expect(score).Not.ToContainTextAsync("%");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "ratings", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("ratings");
        await open.ClickAsync("Predict");
        await Expect(score).Not.ToContainTextAsync("%");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Entities_AreHighlighted()
    {
        await using var open = await OpenAsync("entities");

        await open.Page.GetByLabel("Text", new() { Exact = true }).FillAsync("😀 hello Paris <b>");
        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator("mark")).ToContainTextAsync("Paris");
        await Expect(open.Page.Locator("mark")).ToContainTextAsync("LOC");
        await Expect(open.Page.Locator(".entities")).ToContainTextAsync("😀 hello Paris");
        await Expect(open.Page.Locator(".entities")).ToContainTextAsync("<b>");
        await open.AssertLayoutAsync("entities");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Gap_IsFilled()
    {
        await using var open = await OpenAsync("masked");
        var text = open.Page.GetByLabel("Text with a gap");

        await text.FillAsync("hello ");
        await open.ClickAsync("Insert the gap");
        await Expect(text).ToHaveValueAsync("hello [MASK]");
        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator(".filled li").First).ToContainTextAsync("world");
        await Expect(open.Page.Locator(".filled li").First).ToContainTextAsync("hello world");
        await open.AssertLayoutAsync("filled");

        await text.FillAsync("[MASK] this [MASK]");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".answer h4")).ToHaveTextAsync(["Gap 1", "Gap 2"]);
        foreach (var gap in (string[])["gap 1", "gap 2"])
            await Expect(open.Page.GetByLabel($"Words for {gap}").Locator("li").First).ToContainTextAsync("world");
        await open.ClickAsync("JSON");
        await open.Page.GetByLabel("Body of the call").FillAsync("{\"text\":[\"hello [MASK]\",\"[MASK] this\"]}");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".answer h4")).ToHaveTextAsync(["Text 1", "Text 2"]);
        await open.AssertLayoutAsync("filled-gaps");
        open.AssertNoComplaints();
    }

    /// <summary>The server writes NaN and the infinities as texts. The responses are those of the test.</summary>
    [ChromiumFact]
    public async Task Scores_ThatAreNotFinite_AreShown()
    {
        await using var open = await OpenAsync("ranker");
        await open.RespondAsync("**/predict", """{"version":1,"predictions":["NaN",0.5,"-Infinity"]}""");
        await open.Page.GetByLabel("Texts, one a line").FillAsync("hello\nworld\nparis");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".ranked .score")).ToHaveTextAsync(["0.5", "-Infinity", "NaN"]);

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "masked", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("masked");
        await open.RespondAsync(
            "**/predict",
            """{"version":1,"predictions":[[{"score":"NaN","token":6,"token_str":"world","sequence":"hello world"}]]}""");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".filled li")).ToHaveTextAsync("world NaN hello world");
        open.AssertNoComplaints();
    }

    /// <summary>The form for jobs suggests these bodies.</summary>
    [ChromiumFact]
    public async Task SuggestedBody_OfEveryTask_IsAnswered()
    {
        string[] names = ["sentences", "ranker", "sentiment", "nli", "entities", "masked", "pixels"];
        await using var open = await OpenAsync("sentences");

        var answers = await open.Page.EvaluateAsync<string[]>(
            """
            async names => {
              const { suggestedBody } = await import('/play/samples.js');
              return Promise.all(names.map(async name => {
                const body = suggestedBody(await (await fetch(`/models/${name}`)).json());
                const headers = { 'Content-Type': 'application/json' };
                const response = await fetch(`/models/${name}/predict`, { method: 'POST', headers, body });
                return `${name}: ${response.ok ? 'ok' : await response.text()}`;
              }));
            }
            """,
            names);

        Assert.Equal(names.Select(static name => $"{name}: ok"), answers);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Classes_OfATextAndOfLabels_AreBars()
    {
        await using var open = await OpenAsync("sentiment");

        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".bars li .label")).ToHaveCountAsync(3);
        await open.AssertLayoutAsync("bars");

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "nli", Exact = true }).ClickAsync();
        await open.Page.GetByLabel("Text", new() { Exact = true }).FillAsync("hello");
        await open.Page.GetByLabel("Labels, with commas between them").FillAsync("world, paris");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".bars li .label")).ToHaveCountAsync(2);
        Assert.Equal(["paris", "world"], (await open.Page.Locator(".bars li .label").AllTextContentsAsync()).Order(StringComparer.Ordinal));
        open.AssertNoComplaints();
    }

    private async Task<OpenPage> OpenAsync(string model)
    {
        var open = await OpenPage.OpenAsync(chromium, server.Process.Client.BaseAddress!, path: $"/#models/{model}");
        await Expect(open.Page.Locator(".facts")).ToBeVisibleAsync();
        return open;
    }
}
