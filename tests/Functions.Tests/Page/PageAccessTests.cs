using System.Net;
using Functions.Tests.Host;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Who gets the page, and what it asks for; under a host too.</summary>
public sealed class PageAccessTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/play", "text/html")]
    [InlineData("/play/app.js", "text/javascript")]
    [InlineData("/play/page.css", "text/css")]
    public async Task File_WithoutTheKey_IsStaticContentWithAStrictPolicy(string path, string type)
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"));

        using var response = await process.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", response.Headers.GetValues("Content-Security-Policy")
            .Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("index.html")]
    [InlineData("..%2fhost.json")]
    [InlineData("none.js")]
    public async Task File_ThatThePageHasNot_Is404(string file)
    {
        await using var process = await FunctionsProcess.StartAsync();

        using var response = await process.Client.GetAsync(new Uri($"/play/{file}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [ChromiumFact]
    public async Task Key_WhenOneIsNeeded_IsAskedForAndKeptInTheTab()
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);
        var input = open.Page.GetByLabel("Key", new() { Exact = true });

        await input.FillAsync("wrong");
        await input.PressAsync("Enter");
        await Expect(input).ToHaveValueAsync("");
        await input.FillAsync("f-key");
        await input.PressAsync("Enter");

        await Expect(open.Answer).ToContainTextAsync("7: ");
        Assert.Equal("f-key", await open.Page.EvaluateAsync<string>("sessionStorage.getItem('key')"));
        Assert.Equal(0, await open.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
        var code = await open.Page.GetByLabel("Code").InnerTextAsync();
        Assert.Contains("$KEY", code, StringComparison.Ordinal);
        Assert.DoesNotContain("f-key", code, StringComparison.Ordinal);
        open.AssertQuiet(expected: "401");
    }

    [ChromiumFact]
    public async Task Page_UnderAHost_PredictsAndDrawsWhatThereIs()
    {
        await using var host = await HostedApp.StartAsync();
        await using var open = await OpenPage.OpenAsync(chromium, host.Client.BaseAddress!, path: "/play");

        await Expect(open.Answer).ToContainTextAsync("7: ");

        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "Batch sizes: " })).ToBeVisibleAsync();
        // The metrics are not there.
        open.AssertQuiet(expected: "404");
    }

    [ChromiumFact]
    public async Task Keyboard_Alone_ChoosesAModelAndPredicts()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);
        await Expect(open.Answer).ToContainTextAsync("7: ");

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "iris", Exact = true }).FocusAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        await open.Page.GetByLabel("measurements 0").PressAsync("Enter");

        await Expect(open.Answer).ToContainTextAsync("setosa");
    }

    [ChromiumFact]
    public async Task Reference_ShowsTheRoutesThatTheServerDescribes()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await process.AskAsync("/models/iris/predict", """{"features":[1,2,3,4]}""");
        var paths = (await process.GetAsync("/openapi.json")).GetProperty("paths");

        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#reference");

        var operations = open.Page.Locator(".operation");
        await Expect(operations).ToHaveCountAsync(paths.EnumerateObject().Sum(path => path.Value.EnumerateObject().Count()));
        var predict = operations.Filter(new() { Has = open.Page.GetByText("/models/iris/predict", new() { Exact = true }) });
        await predict.Locator("summary").First.ClickAsync();
        await predict.GetByText("application/json", new() { Exact = true }).First.ClickAsync();
        await Expect(predict.Locator("pre").First).ToContainTextAsync("\"features\"");
        await Expect(predict.GetByText("What went wrong")).ToBeVisibleAsync();
        await open.ScreenshotAsync("reference");
        open.AssertQuiet();
    }
}
