using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests the page for operators.</summary>
public sealed class PageOperationsTests(Chromium chromium) : IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task Operations_WithTheAdminKey_ShowMemoryErrorsPlansAndSlowRequests()
    {
        using var models = new ModelFolder();
        // Lines break at hyphens, but not at underscores. A name may be as long as this one.
        const string LongName = "scaling_with_a_name_of_many_words_that_is_longer_than_most_names_"
            + "and_has_about_as_many_letters_as_a_model_name_may_have_in_all";
        models.WriteScaling("scaling", 1, 2);
        models.WriteScaling("unused", 7, 2);
        models.WriteScaling(LongName, 1, 2);
        models.Write("no model", "broken", "1", "model.onnx");
        models.Write("no model", "empty", "notes.txt");
        await using var process = await models.ServeAsync(("Keys__Function", "f-key"), ("Keys__Admin", "a-key"));
        process.Client.DefaultRequestHeaders.Add("x-functions-key", "f-key");
        await process.PostJsonAsync("/models/scaling/predict", """{"features":[1,0,0,0]}""");
        await process.PostJsonAsync($"/models/{LongName}/predict", """{"features":[1,0,0,0]}""");
        foreach (var (model, body) in ((string, string)[])[("broken", "{}"), ("scaling", "{"), ("scaling", "{")])
        {
            using var failed = await process.PostAsync($"/models/{model}/predict", body);
            Assert.False(failed.IsSuccessStatusCode);
        }

        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#operations");
        var key = open.Page.GetByLabel("Key", new() { Exact = true });
        await key.FillAsync("f-key");
        await key.PressAsync("Enter");
        await Expect(open.Page.Locator("#key-reason")).ToContainTextAsync("This key was not accepted");
        await open.ClickAsync("Not now");
        await Expect(open.Page.Locator("#page-operations .error")).ToHaveTextAsync("This page needs the admin key.");
        await open.AssertLayoutAsync("operations-locked");
        await open.ClickAsync("Enter the admin key");
        await key.FillAsync("a-key");
        await key.PressAsync("Enter");

        await Expect(open.Page.GetByLabel("Errors of the last hour")).ToContainTextAsync("invalidJson2");
        await Expect(open.Page.GetByLabel("Batch contract and plan of each version")).ToContainTextAsync("items a run");
        await Expect(open.Page.Locator("#page-operations")).ToContainTextAsync("scaling/1: A request takes");
        await Expect(open.Page.GetByLabel("Memory by model").Locator(".one-line"))
            .ToContainTextAsync(["The file is text", "\"empty\" has no"]);
        // Every version is there, in any state.
        var plans = open.Page.GetByLabel("Batch contract and plan of each version").Locator("tbody tr");
        await Expect(plans).ToContainTextAsync(
            ["broken 1Does not load.", "emptyDoes not load.", "scaling 1", $"{LongName} 1", "unused 7Not loaded yet."]);
        await open.AssertLayoutAsync("operations");
        foreach (var width in (int[])[1280, 390])
        {
            await open.Page.SetViewportSizeAsync(width, 900);
            // The long name leaves the other columns in their box.
            Assert.True(await open.Page.GetByLabel("Batch contract and plan of each version").EvaluateAsync<bool>(
                "box => box.scrollWidth <= box.clientWidth"));
        }

        var name = await open.Page.GetByRole(AriaRole.Rowheader, new() { Name = $"{LongName} 1" }).BoundingBoxAsync();
        Assert.InRange(name!.Height, 10, 200);

        await open.ClickAsync("Load unused 7");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Reload unused 7" })).ToBeVisibleAsync();
        await open.ClickAsync("Unload scaling 1");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Load scaling 1", Exact = true })).ToBeVisibleAsync();
        await open.ClickAsync("Load scaling 1");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Reload scaling 1" })).ToBeVisibleAsync();
        await ClickDuringARefreshAsync(open, process, "Unload scaling 1");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Load scaling 1", Exact = true })).ToBeVisibleAsync();
        open.AssertNoComplaints(expected: "401");
    }

    /// <summary>Presses a button, lets the page show another state, and releases the button.</summary>
    private static async Task ClickDuringARefreshAsync(OpenPage open, FunctionsProcess process, string name)
    {
        var button = open.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
        await button.ScrollIntoViewIfNeededAsync();
        await button.HoverAsync();
        await open.Page.Mouse.DownAsync();
        await process.PostJsonAsync("/models/scaling/predict", """{"features":[1,0,0,0]}""");
        // The page handles a reading before the next one.
        for (var reading = 0; reading < 3; reading++)
            await open.Page.WaitForResponseAsync("**/v2/models/stats");
        await open.Page.Mouse.UpAsync();
    }
}
