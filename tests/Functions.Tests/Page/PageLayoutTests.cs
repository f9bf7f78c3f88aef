using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests the list of models and the chosen model beside it. On a phone, the list is a drawer.</summary>
public sealed class PageLayoutTests(Chromium chromium, PageModels models) : IClassFixture<Chromium>, IClassFixture<PageModels>
{
    [ChromiumFact]
    public async Task Model_ChosenOnADesktop_StandsBesideTheList()
    {
        await using var open = await OpenPage.OpenAsync(chromium, models.Address, path: "/#models/prices");
        await open.Page.SetViewportSizeAsync(1280, 900);

        await open.Page.GetByLabel("Filter the models by name").FillAsync("scal");
        await Expect(open.Page.Locator(".model-list > li:visible")).ToHaveCountAsync(1);
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "scaling", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("scaling");

        var list = (await open.Page.Locator(".master").BoundingBoxAsync())!;
        var form = (await open.Page.Locator(".try form").BoundingBoxAsync())!;
        Assert.True(form.X >= list.X + list.Width, "The form is not beside the list.");
        Assert.True(form.Y < 500, "The form is below the fold.");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Model_OfALink_IsScrolledToInTheList()
    {
        await using var open = await OpenPage.OpenAsync(
            chromium, models.Address, new() { ViewportSize = new() { Width = 1280, Height = 400 } }, "/#models/typed");

        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("typed");

        await Expect(open.Page.Locator("li[data-model=typed]")).ToBeInViewportAsync();
    }

    [ChromiumFact]
    public async Task Drawer_OnAPhone_OpensChoosesAndClosesByKeyboard()
    {
        await using var open = await OpenPage.OpenAsync(
            chromium, models.Address, new() { ViewportSize = new() { Width = 390, Height = 844 } }, "/#models/prices");
        var drawer = open.Page.Locator("#drawer");
        var button = open.Page.GetByRole(AriaRole.Button, new() { Name = "☰ Models" });
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("prices");
        await Expect(drawer).ToBeHiddenAsync();

        await button.PressAsync("Enter");
        await Expect(open.Page.GetByRole(AriaRole.Link, new() { Name = "prices", Exact = true })).ToBeFocusedAsync();
        // Models that are ready, failed and never loaded.
        await open.AssertLayoutAsync("drawer");
        await open.Page.SetViewportSizeAsync(390, 844);
        await drawer.GetByRole(AriaRole.Link, new() { Name = "prices", Exact = true }).FocusAsync();
        await open.Page.Keyboard.PressAsync("Escape");
        await Expect(drawer).ToBeHiddenAsync();
        await Expect(button).ToBeFocusedAsync();

        await button.ClickAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "scaling", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("scaling");
        await Expect(drawer).ToBeHiddenAsync();
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Reason_OfAModelThatDoesNotLoad_IsOneLineUntilExpanded()
    {
        await using var open = await OpenPage.OpenAsync(chromium, models.Address, path: "/#models/broken");
        var reason = open.Page.Locator(".detail .one-line");
        // The first words say what is wrong, because a phone has room for these only.
        await Expect(reason).ToHaveTextAsync(new Regex("^The file is text, not an ONNX model.*ONNX Runtime says"));
        // The list also shows the reason.
        await Expect(open.Page.Locator("li[data-model=broken] .line")).ToHaveTextAsync(new Regex("^The file is text"));
        await open.AssertLayoutAsync("broken");

        await open.Page.SetViewportSizeAsync(390, 844);
        var before = (await reason.BoundingBoxAsync())!;
        await reason.GetByRole(AriaRole.Button, new() { Name = "more" }).ClickAsync();
        var after = (await reason.BoundingBoxAsync())!;

        Assert.InRange(before.Height, 10, 40);
        Assert.True(after.Height > before.Height);
        await open.AssertLayoutAsync("broken-more");
        open.AssertNoComplaints();
    }

    /// <summary>An older version serves in place of the newest one, which does not load.</summary>
    [ChromiumFact]
    public async Task Reason_OfTheNewestVersion_IsShownBesideTheVersionThatServes()
    {
        await using var open = await OpenPage.OpenAsync(
            chromium, models.Address, new() { ViewportSize = new() { Width = 390, Height = 844 } }, "/#models/drawings");

        await Expect(open.Page.Locator(".detail .refused .line")).ToHaveTextAsync(new Regex("^Version 3: The file is text"));
        await Expect(open.Page.Locator(".detail .refused")).ToBeInViewportAsync();
        await Expect(open.Page.GetByLabel("Version", new() { Exact = true }).Locator("option").Nth(1)).ToHaveTextAsync("3 (failed)");
        await Expect(open.Page.Locator("li[data-model=drawings] .line")).ToHaveTextAsync(new Regex("^Version 3: The file is text"));
        await open.AssertLayoutAsync("newest-version-failed");
        open.AssertNoComplaints();
    }

    /// <summary>A response that arrives after a later choice, or after a newer response, must not replace what is shown.</summary>
    [ChromiumFact]
    public async Task List_ThatArrivesLate_ReplacesNothing()
    {
        await using var open = await OpenPage.OpenAsync(chromium, models.Address, path: "about:blank");
        await using var held = await HeldCalls.HoldAsync(open.Page, new Regex("/models$"));
        await open.Page.GotoAsync(new Uri(models.Address, "/#models/prices").ToString());
        var first = await held.NextAsync();
        await open.Page.EvaluateAsync("() => { location.hash = '#models/scaling'; }");
        await first.ContinueAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("scaling");

        var older = await held.NextAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "prices", Exact = true }).ClickAsync();
        await (await held.NextAsync()).ContinueAsync();
        await Expect(open.Page.Locator("li[data-model=prices] .state")).ToHaveTextAsync("ready");
        await older.FulfillAsync("""{"models":[]}""");
        await Expect(open.Page.Locator("li[data-model=prices]")).ToBeVisibleAsync();
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task BatchSizes_ManyAndRare_AreNamedAndVisible()
    {
        await using var open = await OpenPage.OpenAsync(
            chromium, models.Address, new() { ViewportSize = new() { Width = 390, Height = 844 } }, "/#models/prices");
        await open.RespondAsync("**/v2/models/stats", Statistics());

        await Expect(open.Page.GetByText("7: 100000×, 8: 1×, …")).ToBeVisibleAsync();
        var heights = await open.Page.Locator(".charts figure").Nth(1).Locator("rect").EvaluateAllAsync<double[]>(
            "bars => bars.map(bar => bar.getBoundingClientRect().height)");
        Assert.Equal(10, heights.Length);
        Assert.All(heights, height => Assert.True(height >= 1, $"A bar of {height} pixels."));
        await open.AssertLayoutAsync("batch-sizes");

        static string Statistics()
        {
            const string Time = """{"count":1,"ns":1000}""";
            var sizes = string.Join(',', Enumerable.Range(1, 10).Select(size => $$"""
                {"batch_size":{{size}},"compute_infer":{"count":{{(size == 7 ? 100000 : 1)}},"ns":1000} }
                """));
            return $$"""
                {"model_stats":[{"name":"prices","version":"1","batch_stats":[{{sizes}}],"inference_stats":{"success":{{Time}},"fail":{{Time}},
                "queue":{{Time}},"compute_input":{{Time}},"compute_infer":{{Time}},"compute_output":{{Time}} } }] }
                """;
        }
    }

    [ChromiumFact]
    public async Task LatencyLabels_OfManyBars_DoNotCoverEachOther()
    {
        // The first page reads no metrics, so no late response of the server replaces this one.
        await using var open = await OpenPage.OpenAsync(chromium, models.Address, path: "/#reference");
        // The histogram has a bar for each limit, as on a server under load.
        await open.Page.RouteAsync("**/metrics", route => route.FulfillAsync(new() { ContentType = "text/plain", Body = Histogram() }));
        await open.Page.GotoAsync(new Uri(models.Address, "/#models/prices").ToString());

        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "Latency: Requests: 17." })).ToBeVisibleAsync();
        var overlaps = await open.Page.EvaluateAsync<int>(
            """
            () => {
              const labels = [...document.querySelectorAll('.chart svg')][0].querySelectorAll('text');
              const boxes = [...labels].map(one => one.getBoundingClientRect()).filter(box => box.width > 15);
              boxes.sort((a, b) => a.left - b.left);
              return boxes.filter((box, i) => i && box.left < boxes[i - 1].right).length + (boxes.length < 3 ? 100 : 0);
            }
            """);

        Assert.Equal(0, overlaps);
        await open.AssertLayoutAsync("histogram");
        open.AssertNoComplaints();

        static string Histogram()
        {
            string[] limits =
            [
                "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5",
                "5", "10", "+Inf",
            ];
            return string.Concat(limits.Select((limit, i) =>
                $"inference_request_duration_seconds_bucket{{model=\"prices\",version=\"1\",le=\"{limit}\"}} {i + 1}\n"));
        }
    }
}
