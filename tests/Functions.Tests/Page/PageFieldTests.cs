using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>
/// Tests the fields of the forms: their names for screen readers, the keyboard, and texts that a field of one line would change.
/// </summary>
public sealed class PageFieldTests(Chromium chromium, PageModels models) : IClassFixture<Chromium>, IClassFixture<PageModels>
{
    [ChromiumFact]
    public async Task Row_ThatIsRemoved_LeavesTheFocusAndDistinctNames()
    {
        await using var open = await OpenAsync("prices");
        await open.ClickAsync("Add a row");
        await open.ClickAsync("Add a row");
        await open.Field("age, row 3").FillAsync("7");

        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Remove row 2" }).PressAsync("Enter");

        await Expect(open.Field("age, row 2")).ToHaveValueAsync("7");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Remove row 2" })).ToBeFocusedAsync();
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Remove row 3" })).ToHaveCountAsync(0);
        await open.ClickAsync("Add a row");
        await Expect(open.Field("age, row 3")).ToHaveCountAsync(1);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Text_WithLineBreaks_IsKeptOrNotShown()
    {
        await using var open = await OpenAsync("people");
        var (body, note) = (open.Field("Body of the call"), open.Page.Locator("form .note"));
        await open.ClickAsync("JSON");
        await body.FillAsync("""{"inputs":{"name":["one\ntwo"],"age":[1]}}""");
        await open.ClickAsync("Table");
        await Expect(open.Field("name")).ToHaveValueAsync("one\ntwo");
        await open.Field("age").FillAsync("2");
        await open.ClickAsync("JSON");
        await Expect(body).ToHaveValueAsync("""{"inputs":{"name":["one\ntwo"],"age":[2]}}""");

        // A field would replace the carriage return.
        await body.FillAsync("""{"inputs":{"name":["one\r\ntwo"],"age":[1]}}""");
        await open.ClickAsync("Table");
        await Expect(note).ToHaveTextAsync("The input of \"JSON\" does not fit this form. Here is another input.");
        open.AssertNoComplaints();
    }

    /// <summary>These are the forms of numbers that spreadsheets and programs write.</summary>
    [ChromiumFact]
    public async Task Number_InAFormThatJsonLacks_IsSent()
    {
        await using var open = await OpenAsync("scaling");

        await PageTableTests.PasteAsync(open, "x 0", ".5,1.,+2,007.50\nNA,-.25e1,n/a,null");
        await open.ClickAsync("Predict");

        await Expect(open.Field("Code")).ToContainTextAsync(
            "{\"features\":[[0.5,1,2,7.50],[\"NaN\",-0.25e1,\"NaN\",\"NaN\"]]}");
        await Expect(open.Page.Locator(".values-table tbody tr")).ToContainTextAsync(["1.53622.5", "NaN-7.5NaNNaN"]);
        // Excel reads the separator from such a first line.
        await PageTableTests.PasteAsync(open, "x 0", "sep=;\n1,5;2;3;4");
        await Expect(open.Field("x 0")).ToHaveValueAsync("1.5");
        await Expect(open.Page.Locator(".sheet tbody tr")).ToHaveCountAsync(1);
        open.AssertNoComplaints();
    }

    /// <summary>Any line of texts could be names. A text that is taken for a header would be lost.</summary>
    [ChromiumFact]
    public async Task FirstLine_OfTexts_IsARowUnlessTheUserSaysOtherwise()
    {
        using var folder = new ModelFolder();
        folder.Write(OnnxText.Compile("in t str[n]; u = Identity(t); out u str[n]"), "strings", "1", "model.onnx");
        await using var process = await folder.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/strings");
        var rows = open.Page.Locator(".sheet tbody tr");
        var header = open.Page.GetByRole(AriaRole.Checkbox, new() { Name = "The first line is a header: hello" });

        await PageTableTests.PasteAsync(open, "t", "hello\nworld");
        await Expect(rows).ToHaveCountAsync(2);
        await Expect(open.Field("t")).ToHaveValueAsync("hello");
        await Expect(header).Not.ToBeCheckedAsync();
        await open.AssertLayoutAsync("table-with-a-first-line");
        await header.CheckAsync();
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(open.Field("hello")).ToHaveValueAsync("world");
        await header.UncheckAsync();
        await Expect(rows).ToHaveCountAsync(2);

        // The name of the input makes the first line a header. The choice disappears when the table is changed.
        await PageTableTests.PasteAsync(open, "t", "T\nworld");
        await Expect(open.Field("t")).ToHaveValueAsync("world");
        await Expect(open.Page.GetByRole(AriaRole.Checkbox)).ToBeCheckedAsync();
        await open.Field("t").FillAsync("changed");
        await Expect(open.Page.GetByRole(AriaRole.Checkbox)).ToHaveCountAsync(0);

        // The browser pastes a text into its cell.
        await PageTableTests.PasteAsync(open, "t", "he said, \"hi\"; then left");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(open.Field("t")).ToHaveValueAsync("changed");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Example_OfOpenInference_IsSentToItsCall()
    {
        using var folder = new ModelFolder();
        folder.WriteScaling("scaling", 1, 2);
        folder.Write(
            """
            {"lifecycle":{"warmup":[{"request":{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[123456.5,2,3,4]}]}}]}}
            """,
            "scaling", "model.json");
        await using var process = await folder.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/scaling");

        await open.ClickAsync("Example 1");

        await Expect(open.Field("Code")).ToContainTextAsync("/v2/models/scaling/infer");
        await Expect(open.Field("Answer as JSON")).ToContainTextAsync("246913");
        open.AssertNoComplaints();
    }

    /// <summary>The responses of the calls for jobs are those of the test, because this server has no storage.</summary>
    [ChromiumFact]
    public async Task Error_OfAJob_DisappearsWithAnotherModel()
    {
        await using var open = await OpenPage.OpenAsync(chromium, models.Address, path: "/#reference");
        const string Version = "\"versions\":[{\"version\":1,\"state\":\"ready\"}],\"warnings\":[]";
        const string List = $$"""{"models":[{"name":"prices",{{Version}} },{"name":"typed",{{Version}} }]}""";
        await open.RespondAsync("**/models", List);
        await open.RespondAsync("**/jobs?*", """{"jobs":[]}""");
        await open.RespondAsync("**/models/prices/jobs", """{"detail":"The body is refused."}""", status: 400);
        var error = open.Page.Locator("#page-jobs .error").First;

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs", Exact = true }).ClickAsync();
        await open.ClickAsync("Submit");
        await Expect(error).ToHaveTextAsync("The body is refused.");
        await open.Field("Model").SelectOptionAsync("typed");

        await Expect(error).ToBeHiddenAsync();
        await Expect(open.Field("Body of a predict call")).ToHaveValueAsync("{\"inputs\":{\"id\":[0],\"flag\":[false]}}");
    }

    /// <summary>A paste on another page is not for the form of the model, which is hidden.</summary>
    [ChromiumFact]
    public async Task Paste_OnAnotherPage_ReplacesNoPicture()
    {
        await using var open = await OpenAsync("detector");
        await PageWidgetTests.SendPictureAsync(open, "drop");
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "API", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".operation").First).ToBeVisibleAsync();

        await PageWidgetTests.SendPictureAsync(open, "paste");

        await open.Page.GoBackAsync();
        await Expect(open.Field("Code")).ToContainTextAsync("drop.png");
        open.AssertNoComplaints();
    }

    private Task<OpenPage> OpenAsync(string model) => OpenPage.OpenAsync(chromium, models.Address, path: $"/#models/{model}");
}
