using Functions.Tests.Queues;
using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

[Collection(QueuesCollection.Name)]
public sealed class PageJobTests(AzuriteFixture azurite, Chromium chromium) : IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task Jobs_AreSubmittedWatchedAndCancelled()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#jobs");
        var body = open.Page.GetByLabel("Body of a predict call");
        var state = open.Page.Locator(".jobs li").First.Locator(".state");

        await open.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("fixed_batch");
        await Expect(body).ToHaveValueAsync("""{"features":[0,0,0,0]}""");
        await open.ClickAsync("Submit");
        await Expect(state).ToHaveTextAsync("succeeded");

        await open.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("slow");
        await Expect(body).ToHaveValueAsync("""{"inputs":{"x":[[0]],"n":0}}""");
        await body.FillAsync("""{"inputs":{"x":[[5]],"n":1000000000000}}""");
        await open.ClickAsync("Submit");
        await Expect(state).ToHaveTextAsync("running");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel job" }).First.ClickAsync();
        await Expect(state).ToHaveTextAsync("cancelled");

        await open.ScreenshotAsync("jobs");
        open.AssertQuiet();
    }

    [ChromiumFact]
    public async Task Jobs_WithoutStorage_TellWhatIsMissing()
    {
        await using var process = await FunctionsProcess.StartAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#jobs");
        await Expect(open.Page.GetByLabel("Body of a predict call")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("features"));

        await open.ClickAsync("Submit");

        await Expect(open.Page.Locator("#page-jobs .error")).ToContainTextAsync("AzureWebJobsStorage");
        open.AssertQuiet(expected: "501");
    }
}
