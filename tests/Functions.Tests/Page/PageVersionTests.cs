using System.Text.Json.Nodes;
using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests what the page shows of versions that the settings leave out, and of versions whose files change.</summary>
public sealed class PageVersionTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly ModelFolder _models = new();

    /// <summary>The settings leave out a version on purpose, so its reason is no error.</summary>
    [ChromiumFact]
    public async Task Version_ThatIsNotServed_HasAPlainReasonAndIsNotOffered()
    {
        for (var version = 1; version <= 3; version++)
            _models.WriteScaling("scaling", version, version);
        _models.Write("""{"versions":{"serve":{"specific":[1,2]}}}""", "scaling", "model.json");
        await using var process = await _models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");
        const string Reason = "version 3. The settings of the model serve only";

        await Expect(open.Page.GetByLabel("Version", new() { Exact = true }).Locator("option")).ToHaveTextAsync(["default (2)", "2", "1"]);
        await Expect(open.Page.Locator(".facts")).ToContainTextAsync(Reason);
        var entry = open.Page.Locator("li[data-model=scaling]");
        await Expect(entry.Locator(".one-line.hint .line")).ToContainTextAsync($"Not served: {Reason}");
        await Expect(entry.Locator(".state")).Not.ToHaveTextAsync("notServed");
        await Expect(open.Page.Locator(".one-line.error")).ToHaveCountAsync(0);
        await open.AssertLayoutAsync("version-that-is-not-served");

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Operations", Exact = true }).ClickAsync();
        var row = open.Page.GetByLabel("Memory by model").Locator("li").Filter(new() { HasText = "scaling 3" });
        await Expect(row.Locator(".state")).ToHaveTextAsync("not served");
        await Expect(row.Locator(".one-line.hint")).ToHaveCountAsync(1);
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Load scaling 3" })).ToHaveCountAsync(0);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Model_WhoseFileIsRepaired_IsShownWithoutAClick()
    {
        _models.Write("no model", "scaling", "1", "model.onnx");
        await using var process = await _models.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");
        await Expect(open.Page.Locator(".detail .one-line")).ToContainTextAsync("The file is text");

        _models.WriteScaling("scaling", 1, 2);
        await Expect(open.Page.GetByLabel("x 0")).ToBeVisibleAsync();
        await Expect(open.Page.GetByLabel("Version", new() { Exact = true })).ToHaveCountAsync(0);

        // The choice of versions has the new version too.
        _models.WriteScaling("scaling", 2, 3);
        await Expect(open.Page.GetByLabel("Version", new() { Exact = true }).Locator("option")).ToHaveTextAsync(["default (2)", "2", "1"]);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Version_Chosen_ThatIsRemoved_IsReplacedByTheDefault()
    {
        for (var version = 1; version <= 3; version++)
            _models.WriteScaling("scaling", version, version);
        await using var process = await _models.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");
        var choice = open.Page.GetByLabel("Version", new() { Exact = true });
        await choice.SelectOptionAsync("3");
        var code = open.Page.GetByLabel("Code", new() { Exact = true });
        await Expect(code).ToContainTextAsync("/models/scaling/versions/3/predict");

        Directory.Delete(_models.PathOf("scaling", "3"), recursive: true);

        await Expect(open.Page.Locator(".detail .refused"))
            .ToContainTextAsync("Version 3 is no longer served. The form calls the default version.");
        await Expect(choice.Locator("option")).ToHaveTextAsync(["default (2)", "2", "1"]);
        await Expect(choice).ToHaveValueAsync("");
        await Expect(code).ToContainTextAsync("/models/scaling/predict");
        await Expect(open.Page.Locator(".facts")).ToContainTextAsync("Version2");
        open.AssertNoComplaints();
    }

    /// <summary>The form keeps what the user has typed, and the answer, until the user wants the other version.</summary>
    [ChromiumFact]
    public async Task Default_ThatChanges_IsNamedAndShownAtAClick()
    {
        _models.WriteScaling("scaling", 1, 2);
        await using var process = await _models.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");
        await open.Page.GetByLabel("x 0").FillAsync("12");

        _models.Write(OnnxText.Compile("in y f32[n,2]; same = Identity(y); out same f32[n,2]"), "scaling", "2", "model.onnx");

        await Expect(open.Page.Locator(".detail .refused .line")).ToHaveTextAsync(
            "The default version is now 2. The form is for version 1.");
        await Expect(open.Page.GetByLabel("x 0")).ToHaveValueAsync("12");
        await open.AssertLayoutAsync("version-that-is-no-longer-the-default");
        await open.ClickAsync("Show version 2");
        await Expect(open.Page.GetByLabel("y 0", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(open.Page.Locator(".facts")).ToContainTextAsync("Version2");
        await Expect(open.Page.Locator(".detail .refused .line")).ToHaveCountAsync(0);
        open.AssertNoComplaints();
    }

    /// <summary>The files of a version may be replaced while the page is open.</summary>
    [ChromiumFact]
    public async Task Labels_OfAVersionThatWasReplaced_AreThoseOfTheAnswer()
    {
        _models.WriteScaling("scaling", 1, 2);
        _models.Write("old\nb\nc\nd\n", "scaling", "1", "labels.txt");
        await using var process = await _models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");
        await open.Page.GetByLabel("x 0").FillAsync("1");
        await open.ClickAsync("Predict");
        await Expect(open.BestBar).ToHaveTextAsync("old");

        var description = await process.Client.GetStringAsync(new Uri("/models/scaling", UriKind.Relative));
        await open.RespondAsync("**/models/scaling?version=1", description.Replace("\"old\"", "\"new\"", StringComparison.Ordinal));
        await open.RespondAsync(
            "**/predict", """{"version":1,"predictions":[[2,0,0,0]],"labels":[[{"label":"new","score":2},{"label":"b","score":0}]]}""");
        await open.ClickAsync("Predict");

        await Expect(open.BestBar).ToHaveTextAsync("new");
        open.AssertNoComplaints();
    }

    /// <summary>The counts of a shadow change with each request. The choice of a version must not be drawn again for them.</summary>
    [ChromiumFact]
    public async Task Snapshot_OfVersions_ChangesWithTheStatesOnly()
    {
        _models.WriteScaling("scaling", 1, 2);
        await using var process = await _models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);

        var isChanged = await open.Page.EvaluateAsync<bool[]>(
            """
            async () => {
              const { snapshotOf } = await import('/play/versions.js');
              const versions = (state, compared) => snapshotOf([{ version: 1, state, shadow: { compared } }]);
              return [versions('ready', 2), versions('failed', 1)].map(other => other !== versions('ready', 1));
            }
            """);

        Assert.Equal([false, true], isChanged);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task List_WithOtherCountsOfAShadow_IsNotDrawnAgain()
    {
        _models.WriteScaling("scaling", 1, 2);
        _models.WriteScaling("other", 1, 2);
        await using var process = await _models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!);
        var entry = open.Page.Locator("li[data-model=scaling]");
        var list = JsonNode.Parse(await process.Client.GetStringAsync(new Uri("/models", UriKind.Relative)))!;
        await ShowAsync("other", compared: 1);
        await Expect(entry).ToContainTextAsync("1 warning");
        await entry.EvaluateAsync("entry => { entry.title = 'not drawn again'; }");
        await ShowAsync("scaling", compared: 2);
        await Expect(entry).ToHaveAttributeAsync("title", "not drawn again");
        open.AssertNoComplaints();

        // The page reads the list after it has shown a model.
        async Task ShowAsync(string model, int compared)
        {
            foreach (var listed in list["models"]!.AsArray())
            {
                listed!["warnings"] = new JsonArray(new JsonObject { ["file"] = "model.json", ["message"] = "A warning." });
                listed["versions"]![0]!["shadow"] = new JsonObject { ["compared"] = compared };
            }

            await open.RespondAsync("**/models", list.ToJsonString());
            await open.Page.RunAndWaitForResponseAsync(
                () => open.Page.GetByRole(AriaRole.Link, new() { Name = model, Exact = true }).ClickAsync(), "**/models");
            // The page has handled the response before a later one.
            await open.Page.EvaluateAsync("async () => await (await fetch('/health/ready')).text()");
        }
    }

    /// <summary>
    /// Some pipelines name versions after the time, to the millisecond. A JavaScript number holds only integers up to 2^53.
    /// </summary>
    [ChromiumFact]
    public async Task Version_OfManyDigits_IsNamedAndCalled()
    {
        string[] versions = ["20260101123045123", "20260101123045124", "20260101123045125"];
        foreach (var version in versions)
            TestModels.CopyTo("fixed_batch", _models.PathOf("scaling", version));
        await using var process = await _models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");

        await Expect(open.Page.Locator(".facts")).ToContainTextAsync(versions[2]);
        await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync(versions[1]);
        await Expect(open.Page.Locator(".facts")).ToContainTextAsync(versions[1]);
        await open.ClickAsync("Predict");

        await Expect(open.Answer).ToContainTextAsync("Answered");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync($"\"version\": {versions[1]}");

        // As numbers of JavaScript, these versions are equal. The first one was never requested.
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Operations", Exact = true }).ClickAsync();
        await Expect(open.Page.GetByLabel("Memory by model").Locator(".name")).ToContainTextAsync(versions);
        open.AssertNoComplaints();
    }

    public void Dispose() => _models.Dispose();
}
