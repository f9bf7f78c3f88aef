using System.Text.RegularExpressions;
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
        var job = open.Page.Locator(".jobs li").First;
        var state = job.Locator(".state");

        await open.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("fixed_batch");
        await Expect(body).ToHaveValueAsync("""{"features":[0,0,0,0]}""");
        await open.ClickAsync("Submit");
        await Expect(state).ToHaveTextAsync("succeeded");
        await Expect(job).ToContainTextAsync(new Regex("took (less than 1|about [1-9][0-9]*) s"));

        await open.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("slow");
        await Expect(body).ToHaveValueAsync("""{"inputs":{"x":[[0]],"n":0}}""");
        await body.FillAsync("""{"inputs":{"x":[[5]],"n":1000000000000}}""");
        await open.ClickAsync("Submit");
        await Expect(state).ToHaveTextAsync("running");
        // The list would show the server's state of the job.
        await open.RespondAsync("**/jobs?*", """{"jobs":[]}""");
        await using (var held = await HeldCalls.HoldAsync(open.Page, new Regex("/jobs/[^/?]+$")))
        {
            var (id, failure) = (await job.Locator("code").TextContentAsync(), job.Locator(".one-line"));
            string Running(string retry) => $$"""
                {"id":"{{id}}","model":"slow","status":"running","created":"2030-01-01T00:00:00Z","attempts":1{{retry}}}
                """;
            const string Retry = """
                ,"retry":{"attempt":1,"maxAttempts":5,"error":{"code":"modelUnavailable","message":"Model slow/1 does not load."} }
                """;
            await (await held.NextAsync()).FulfillAsync(Running(Retry));
            await Expect(failure).ToContainTextAsync("attempt 1 of 5 failed: modelUnavailable: Model slow/1 does not load.");
            await Expect(job).ToContainTextAsync("waiting for attempt 2 of 5");
            await open.AssertLayoutAsync("jobs-with-a-retry");
            await (await held.NextAsync()).FulfillAsync(Running(""));
            await Expect(failure).ToHaveCountAsync(0);

            // The response to an earlier reading arrives after the response to the cancellation.
            var earlier = await held.NextAsync();
            await open.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel job" }).First.ClickAsync();
            await (await held.NextAsync()).ContinueAsync();
            await Expect(state).ToHaveTextAsync("cancelled");
            await earlier.FulfillAsync(Running(""));
            Assert.Equal("cancelled", await state.TextContentAsync());
        }

        await open.AssertLayoutAsync("jobs");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Job_OfAChosenVersion_IsRunByIt()
    {
        using var models = new ModelFolder();
        models.WriteScaling("scaling", 1, 2);
        models.WriteScaling("scaling", 2, 3);
        TestModels.CopyTo("pixels", models.PathOf("scenes", "1"));
        models.Write("""{"image":{"height":2,"width":2,"scale":1}}""", "scenes", "model.json");
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

        // The suggested body is valid, also for a model of images.
        await open.Page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("scenes");
        await Expect(body).ToHaveValueAsync(new Regex("^\\{\"features\":\"data:image/png;base64,"));
        await open.ClickAsync("Submit");
        await Expect(job).ToContainTextAsync("scenes");
        await Expect(job.Locator(".state")).ToHaveTextAsync("succeeded");
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
        await using var held = await HeldCalls.HoldAsync(open.Page, new Regex("/models/[^/]+$"));
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).ClickAsync();

        await (await held.NextAsync()).ContinueAsync();
        await model.SelectOptionAsync("fixed_batch");
        var first = await held.NextAsync();
        await body.FillAsync("""{"features":[1,0,0,0]}""");
        await first.ContinueAsync();
        await Expect(body).ToHaveValueAsync("""{"features":[1,0,0,0]}""");

        await model.SelectOptionAsync("slow");
        var slow = await held.NextAsync();
        await model.SelectOptionAsync("fixed_batch");
        await (await held.NextAsync()).ContinueAsync();
        await Expect(body).ToHaveValueAsync("""{"features":[0,0,0,0]}""");
        await slow.ContinueAsync();
        await Expect(body).ToHaveValueAsync("""{"features":[0,0,0,0]}""");
        open.AssertNoComplaints();
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
    public async Task Jobs_WithoutStorage_NameTheMissingSettingBeforeTheySubmit()
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
