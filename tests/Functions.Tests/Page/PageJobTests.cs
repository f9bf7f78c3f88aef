using System.Text.RegularExpressions;
using System.Threading.Channels;
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

        await open.AssertLayoutAsync("jobs");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Job_OfAChosenVersion_IsRunByIt()
    {
        using var models = new ModelFolder();
        models.WriteScaling("scaling", 1, 2);
        models.WriteScaling("scaling", 2, 3);
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync(("Models__Source", models.Path));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#jobs");
        var job = open.Page.Locator(".jobs li").First;
        var body = open.Page.GetByLabel("Body of a predict call");
        await Expect(body).ToHaveValueAsync("""{"features":[0,0,0,0]}""");

        await body.FillAsync("""{"features":[1,0,0,0]}""");
        await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync("1");
        await Expect(body).ToHaveValueAsync("""{"features":[1,0,0,0]}""");
        await open.ClickAsync("Submit");

        await Expect(job.Locator(".state")).ToHaveTextAsync("succeeded");
        await Expect(job).ToContainTextAsync("scaling, version 1");
        await job.GetByText("Result", new() { Exact = true }).ClickAsync();
        await Expect(job.Locator("pre")).ToContainTextAsync("\"predictions\":[[2,0,0,0]]");
        await open.AssertLayoutAsync("jobs-of-versions");
        open.AssertNoComplaints();
    }

    /// <summary>The response with a suggestion is held until the user has acted. It must not replace what the user did.</summary>
    [ChromiumFact]
    public async Task Suggestion_ThatArrivesLate_ReplacesNothing()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#reference");
        var body = open.Page.GetByLabel("Body of a predict call");
        var model = open.Page.GetByLabel("Model", new() { Exact = true });
        const string Responses = "performance.getEntriesByType('resource').filter(one => one.name.includes('/models/')).length";
        var held = Channel.CreateUnbounded<IRoute>();
        await open.Page.RouteAsync(new Regex("/models/[^/]+$"), route => held.Writer.TryWrite(route));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();

        await ReleaseAsync(await held.Reader.ReadAsync());
        await model.SelectOptionAsync("fixed_batch");
        var first = await held.Reader.ReadAsync();
        await body.FillAsync("""{"features":[1,0,0,0]}""");
        await ReleaseAsync(first);
        await Expect(body).ToHaveValueAsync("""{"features":[1,0,0,0]}""");

        await model.SelectOptionAsync("slow");
        var slow = await held.Reader.ReadAsync();
        await model.SelectOptionAsync("fixed_batch");
        await ReleaseAsync(await held.Reader.ReadAsync());
        await Expect(body).ToHaveValueAsync("""{"features":[0,0,0,0]}""");
        await ReleaseAsync(slow);
        await Expect(body).ToHaveValueAsync("""{"features":[0,0,0,0]}""");
        open.AssertNoComplaints();

        // The browser records a response after its last byte. The page has handled it before a later response.
        async Task ReleaseAsync(IRoute route)
        {
            var recorded = await open.Page.EvaluateAsync<int>(Responses);
            await route.ContinueAsync();
            await open.Page.WaitForFunctionAsync($"before => {Responses} > before", recorded);
            await open.Page.EvaluateAsync("async () => await (await fetch('/health/ready')).text()");
        }
    }

    [ChromiumFact]
    public async Task Jobs_OfOthers_AreListedByPagesForTheAdminKey()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync(("Keys__Function", "f-key"), ("Keys__Admin", "a-key"));
        process.Client.DefaultRequestHeaders.Add("x-functions-key", "f-key");
        for (var i = 0; i < 27; i++)
        {
            var body = i == 26 ? """{"features":[1]}""" : """{"features":[1,2,3,4]}""";
            using var submitted = await process.PostAsync("/models/fixed_batch/jobs", body);
            Assert.True(submitted.IsSuccessStatusCode);
        }

        // The list is ordered by the last changes of the jobs, so pages are stable only after the jobs have ended.
        for (var i = 0; i < 27; i++)
            await PredictionScenario.ReceiveAsync(scenario.Results);
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#jobs");
        var key = open.Page.GetByLabel("Key", new() { Exact = true });
        await key.FillAsync("f-key");
        await key.PressAsync("Enter");
        await Expect(open.Page.GetByText("Only jobs of this tab are shown.")).ToBeVisibleAsync();
        await open.ClickAsync("List all jobs");
        await key.FillAsync("a-key");
        await key.PressAsync("Enter");

        var jobs = open.Page.Locator(".jobs > li");
        await Expect(jobs).ToHaveCountAsync(25);
        await open.ClickAsync("More jobs");
        await Expect(jobs).ToHaveCountAsync(27);
        await Expect(open.Page.Locator(".jobs .state.succeeded")).ToHaveCountAsync(26);
        await Expect(open.Page.Locator(".jobs .one-line")).ToContainTextAsync("invalidShape");
        var done = jobs.Filter(new() { Has = open.Page.Locator(".succeeded") }).First;
        await done.GetByText("Result", new() { Exact = true }).ClickAsync();
        await Expect(done.Locator("pre")).ToContainTextAsync("\"predictions\":[[2,4,6,8]]");
        await Expect(done).ToContainTextAsync("ago");
        await open.AssertLayoutAsync("jobs-listed");
        open.AssertNoComplaints(expected: "40");
    }

    /// <summary>Opening the page must not cause errors, because they could raise an alert.</summary>
    [ChromiumFact]
    public async Task Jobs_WithoutTheAdminKey_CauseNoError()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync(("Keys__Function", "f-key"), ("Keys__Admin", "a-key"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#jobs");
        var key = open.Page.GetByLabel("Key", new() { Exact = true });
        await key.FillAsync("f-key");
        await key.PressAsync("Enter");
        await Expect(open.Page.GetByText("Only jobs of this tab are shown.")).ToBeVisibleAsync();

        process.Client.DefaultRequestHeaders.Add("x-functions-key", "a-key");
        var errors = (await process.GetAsync("/status")).GetProperty("errors");

        Assert.DoesNotContain("jobNotFound", errors.ToString(), StringComparison.Ordinal);
        await open.ClickAsync("Key");
        await key.FillAsync("a-key");
        await key.PressAsync("Enter");
        await Expect(open.Page.GetByText("Only jobs of this tab are shown.")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task Jobs_WithoutStorage_TellWhatIsMissingBeforeTheySubmit()
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"), ("Keys__Admin", "a-key"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#jobs");
        var key = open.Page.GetByLabel("Key", new() { Exact = true });
        await key.FillAsync("f-key");
        await key.PressAsync("Enter");

        await Expect(open.Page.Locator("#page-jobs .error").First).ToContainTextAsync("AzureWebJobsStorage");

        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Submit" })).ToBeDisabledAsync();
        await open.AssertLayoutAsync("jobs-without-storage");
        open.AssertNoComplaints(expected: "401");
    }
}
