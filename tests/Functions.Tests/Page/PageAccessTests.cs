using System.Net;
using Functions.Tests.Host;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests access to the page, its key dialog, its keyboard control, and the page under a Functions host.</summary>
public sealed class PageAccessTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/play", "text/html")]
    [InlineData("/play/app.js", "text/javascript")]
    [InlineData("/play/page.css", "text/css")]
    [InlineData("/play/widgets/bars.js", "text/javascript")]
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
    [InlineData("widgets/..%2fapp.js")]
    [InlineData("widgets/none.js")]
    [InlineData("none.js")]
    public async Task File_ThatThePageHasNot_Is404(string file)
    {
        await using var process = await FunctionsProcess.StartAsync();

        using var response = await process.Client.GetAsync(new Uri($"/play/{file}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [ChromiumFact]
    public async Task Key_WhenOneIsNeeded_IsRequestedAndKeptInTheTab()
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);
        var input = open.Page.GetByLabel("Key", new() { Exact = true });

        await input.FillAsync("wrong");
        await input.PressAsync("Enter");
        await Expect(open.Page.Locator("#key-reason")).ToHaveTextAsync("This key was not accepted.");
        await Expect(input).ToHaveValueAsync("");
        await open.AssertLayoutAsync("key");
        await input.FillAsync("f-key");
        await input.PressAsync("Enter");

        await open.DrawExampleAsync();
        Assert.Equal("f-key", await open.Page.EvaluateAsync<string>("sessionStorage.getItem('key')"));
        Assert.Equal(0, await open.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
        var code = await open.Page.GetByLabel("Code").InnerTextAsync();
        Assert.Contains("$KEY", code, StringComparison.Ordinal);
        Assert.DoesNotContain("f-key", code, StringComparison.Ordinal);
        open.AssertNoComplaints(expected: "401");
    }

    /// <summary>A browser sends no header with a character beyond Latin-1, and servers refuse headers beyond ASCII.</summary>
    [ChromiumFact]
    public async Task Key_WithACharacterThatHeadersCannotHave_IsRefusedInTheDialog()
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);
        var (input, reason) = (open.Page.GetByLabel("Key", new() { Exact = true }), open.Page.Locator("#key-reason"));
        (string Key, string Character)[] keys =
            [("“f-key”", "\"“\" (U+201C)"), ("f-kéy", "\"é\" (U+00E9)"), ("f\u200bkey", "the character U+200B")];

        foreach (var (key, character) in keys)
        {
            await input.FillAsync(key);
            await input.PressAsync("Enter");
            await Expect(reason).ToHaveTextAsync(
                $"The key contains {character}. Keys have only letters from A to Z, digits and signs of ASCII. "
                + "Type or copy the key again.");
            await Expect(input).ToHaveValueAsync(key);
        }

        // The list is read at once with a key that is entered later.
        await open.ClickAsync("Not now");
        await Expect(open.Page.GetByText("Choose a model.")).ToBeVisibleAsync();
        await open.ClickAsync("Key");
        await input.FillAsync(" f-key ");
        await input.PressAsync("Enter");
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("digits");
        open.AssertNoComplaints(expected: "401");
    }

    [ChromiumFact]
    public async Task Page_UnderAHost_PredictsAndDrawsBatchSizes()
    {
        await using var host = await HostedApp.StartAsync();
        await using var open = await OpenPage.OpenAsync(chromium, host.Client.BaseAddress!, path: "/play");

        await open.DrawExampleAsync();
        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "Batch sizes: " })).ToBeVisibleAsync();
        // Under a host, /metrics returns 404.
        open.AssertNoComplaints(expected: "404");
    }

    [ChromiumFact]
    public async Task Keyboard_Alone_ChoosesAModelAndPredicts()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "iris", Exact = true }).FocusAsync();
        await open.Page.Keyboard.PressAsync("Enter");
        await open.Page.GetByLabel("measurements 0").PressAsync("Enter");

        await Expect(open.Answer).ToContainTextAsync("setosa");
    }
}
