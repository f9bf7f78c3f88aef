using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>The views of a model's input, and its versions: all show one input, and send it to the chosen version.</summary>
public sealed class PageViewTests(Chromium chromium, PageModels models) : IClassFixture<Chromium>, IClassFixture<PageModels>, IDisposable
{
    private readonly TempFolder _folder = new();

    [ChromiumFact]
    public async Task Version_Chosen_IsThatOfEveryForm()
    {
        foreach (var (model, forms) in ((string, string[])[])
            [("detector", ["Picture", "Tensors", "Upload", "JSON"]), ("drawings", ["Drawing", "JSON"]), ("scaling", ["Table", "JSON"])])
        {
            await using var open = await OpenAsync(model);
            await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync("1");
            foreach (var form in forms)
            {
                await open.ClickAsync(form);
                if (form == "Upload")
                    await open.Page.GetByLabel("image: FP32").SetInputFilesAsync(WritePicture());

                await Expect(open.Page.GetByLabel("Code", new() { Exact = true })).ToContainTextAsync($"/models/{model}/versions/1/");
                await open.ClickAsync("Predict");
                if (form != "Drawing")
                    await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("version\": ");
            }

            await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"version\": 1");
            open.AssertNoComplaints();
        }
    }

    /// <summary>The forms are views of one input.</summary>
    [ChromiumFact]
    public async Task Views_OfAModel_ShareTheirFields()
    {
        await using var open = await OpenAsync("prices");
        var (age, rooms, body) = (open.Field("age"), open.Field("rooms"), open.Field("Body of the call"));
        var note = open.Page.Locator("form .note");
        await age.FillAsync("40.50");
        await rooms.FillAsync("many");

        await open.ClickAsync("JSON");
        await Expect(body).ToHaveValueAsync("""{"inputs":{"age":[40.50],"rooms":["many"]}}""");
        await open.ClickAsync("Table");
        await Expect(age).ToHaveValueAsync("40.50");
        await Expect(rooms).ToHaveValueAsync("many");

        await open.ClickAsync("JSON");
        await body.FillAsync("""{"inputs":{"age":[1.50,2e0],"rooms":[9007199254740993,4]}}""");
        await open.ClickAsync("Table");
        await Expect(open.Page.Locator(".sheet tbody tr")).ToHaveCountAsync(2);
        await Expect(age).ToHaveValueAsync("1.50");
        await Expect(open.Field("age, row 2")).ToHaveValueAsync("2e0");
        await Expect(rooms).ToHaveValueAsync("9007199254740993");
        await Expect(note).ToBeHiddenAsync();

        // A missing value is null, or one of the words that Python writes.
        await open.ClickAsync("JSON");
        await body.FillAsync("""{"inputs":{"age":[NaN,-Infinity,null],"rooms":[1,2,3]}}""");
        await open.ClickAsync("Table");
        await Expect(note).ToBeHiddenAsync();
        await Expect(age).ToHaveValueAsync("NaN");
        await Expect(open.Field("age, row 2")).ToHaveValueAsync("-Infinity");
        await Expect(open.Field("age, row 3")).ToHaveValueAsync("NaN");
        await open.Field("age, row 3").FillAsync("inf");
        await open.ClickAsync("JSON");
        await Expect(body).ToHaveValueAsync("""{"inputs":{"age":["NaN","-Infinity","Infinity"],"rooms":[1,2,3]}}""");
        await body.FillAsync("""{"inputs":{"age":[1.50,2e0],"rooms":[9007199254740993,4]}}""");
        await open.ClickAsync("Table");

        // What the table cannot show stays where it is.
        string[] others =
        [
            """{"inputs":{"age":[1""",
            """{"inputs":{"age":1,"rooms":2},"parameters":{"top_k":1}}""",
            """{"inputs":{"age":[1,2],"rooms":3}}""",
            """{"inputs":{"age":[1],"rooms":[null]}}""",
        ];
        foreach (var other in others)
        {
            await open.ClickAsync("JSON");
            await body.FillAsync(other);
            await open.ClickAsync("Table");
            await Expect(note).ToHaveTextAsync("The input of \"JSON\" does not fit this form. Here is another input.");
            await Expect(open.Page.Locator(".sheet tbody tr")).ToHaveCountAsync(2);
            await open.ClickAsync("JSON");
            await Expect(body).ToHaveValueAsync(other);
        }

        await open.ClickAsync("Table");
        await open.AssertLayoutAsync("views");
        await age.FillAsync("7");
        await open.ClickAsync("JSON");
        await Expect(body).ToHaveValueAsync("""{"inputs":{"age":[7,2e0],"rooms":[9007199254740993,4]}}""");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Views_WithADrawingOrAFile_KeepIt()
    {
        await using var open = await OpenAsync("drawings");
        await open.ClickAsync("Draw 7");
        var pixels = await open.Page.GetByLabel("Pixels, 0 to 16, row by row").InputValueAsync();
        await open.ClickAsync("JSON");
        await Expect(open.Field("Body of the call")).ToHaveValueAsync($"{{\"features\":{pixels}}}");
        await open.ClickAsync("Tensors");
        await Expect(open.Page.GetByLabel("pixels: FP32")).ToHaveValueAsync(pixels);
        await open.Page.GetByLabel("pixels: FP32").FillAsync(pixels.Replace("[0,", "[16,", StringComparison.Ordinal));
        await open.ClickAsync("Drawing");
        await Expect(open.Page.GetByLabel("Pixels, 0 to 16, row by row"))
            .ToHaveValueAsync(pixels.Replace("[0,", "[16,", StringComparison.Ordinal));

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "detector", Exact = true }).ClickAsync();
        await open.Page.GetByLabel("Picture (PNG, JPEG or WebP)").SetInputFilesAsync(WritePicture());
        await open.ClickAsync("JSON");
        await open.ClickAsync("Picture");
        await Expect(open.Page.GetByLabel("Code", new() { Exact = true })).ToContainTextAsync("it.png");
        // The form takes a paste after it was away.
        await PageWidgetTests.SendPictureAsync(open, "paste");
        await Expect(open.Page.GetByLabel("Code", new() { Exact = true })).ToContainTextAsync("paste.png");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Version_Chosen_KeepsTheInput()
    {
        await using var open = await OpenAsync("scaling");
        await open.ClickAsync("JSON");
        await open.Field("Body of the call").FillAsync("""{"features":[5,6,7,8]}""");

        await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync("1");
        await Expect(open.Field("Body of the call")).ToHaveValueAsync("""{"features":[5,6,7,8]}""");
        await open.ClickAsync("Table");
        await Expect(open.Page.GetByLabel("x 3")).ToHaveValueAsync("8");
        open.AssertNoComplaints();
    }

    /// <summary>Files and the names of columns stay in every form, also when the version is chosen in another form.</summary>
    [ChromiumFact]
    public async Task Version_Chosen_KeepsFilesAndNames()
    {
        await using var open = await OpenAsync("detector");
        var (version, code) = (open.Field("Version"), open.Field("Code"));
        var (picture, upload) = (open.Page.GetByLabel("Picture (PNG, JPEG or WebP)"), open.Page.GetByLabel("image: FP32"));
        await picture.SetInputFilesAsync(WritePicture("first.png"));
        await open.ClickAsync("Upload");
        await upload.SetInputFilesAsync(WritePicture("second.png"));
        await Expect(open.Page.Locator("form .hint[role=status]")).ToHaveTextAsync("image: [1, 3, 8, 8]");

        await version.SelectOptionAsync("1");
        await Expect(code).ToContainTextAsync("/versions/1/infer");
        Assert.Equal("second.png", await upload.EvaluateAsync<string>("field => field.files[0].name"));
        await open.ClickAsync("Predict");
        await Expect(open.Field("Answer as JSON")).ToContainTextAsync("\"model_version\": \"1\"");
        await open.ClickAsync("JSON");
        await version.SelectOptionAsync("2");
        await Expect(code).ToContainTextAsync("/versions/2/predict");
        await open.ClickAsync("Picture");
        await Expect(code).ToContainTextAsync("first.png");
        Assert.Equal("first.png", await picture.EvaluateAsync<string>("field => field.files[0].name"));
        await version.SelectOptionAsync("");
        await Expect(code).ToContainTextAsync("first.png");

        // The file does not fit the inputs of the other version.
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "blocks", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("blocks");
        await open.ClickAsync("Upload");
        await open.Page.GetByLabel("x: FP32").SetInputFilesAsync(WriteBlock());
        await Expect(open.Page.Locator("form .hint[role=status]")).ToHaveTextAsync("x: [1, 2, 3]");
        await version.SelectOptionAsync("1");
        await Expect(open.Page.Locator("form .hint[role=status]")).ToHaveTextAsync(
            "block.npy: It has shape [2, 3]; x takes [-1, 2, 2]. Choose a file with an array of that shape, where -1 stands for any size.");
        await version.SelectOptionAsync("2");
        await Expect(open.Page.GetByLabel("y: FP32")).ToBeVisibleAsync();
        await version.SelectOptionAsync("3");
        await Expect(open.Page.Locator("form .hint[role=status]")).ToHaveTextAsync("x: [1, 2, 3]");

        // Version 2 has fewer columns.
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "people", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("people");
        await PageTableTests.PasteAsync(open, "name", "who,years\nSmith,41");
        var head = open.Page.Locator(".sheet thead th").First;
        await Expect(head).ToHaveTextAsync("who name BYTES");
        await version.SelectOptionAsync("2");
        await Expect(head).ToHaveTextAsync("age FP32");
        await version.SelectOptionAsync("1");
        await Expect(head).ToHaveTextAsync("who name BYTES");
        await Expect(open.Field("who")).ToHaveValueAsync("Smith");
        open.AssertNoComplaints();
    }

    /// <summary>What the user does while a version is being loaded is not lost, and the last choice of a version counts.</summary>
    [ChromiumFact]
    public async Task Version_ThatArrivesLate_ReplacesNothing()
    {
        await using var open = await OpenAsync("scaling");
        var (version, value, code) = (open.Field("Version"), open.Page.GetByLabel("x 0"), open.Field("Code"));
        await using var held = await HeldCalls.HoldAsync(open.Page, new Regex("version=1$"));

        await version.SelectOptionAsync("1");
        var late = await held.NextAsync();
        await version.SelectOptionAsync("2");
        await Expect(code).ToContainTextAsync("/versions/2/");
        await late.ContinueAsync();
        await Expect(code).ToContainTextAsync("/versions/2/");
        await Expect(version).ToHaveValueAsync("2");

        await open.Page.ReloadAsync();
        await version.SelectOptionAsync("1");
        late = await held.NextAsync();
        await value.FillAsync("12");
        await late.ContinueAsync();
        await Expect(code).ToContainTextAsync("/versions/1/");
        await open.Page.Keyboard.TypeAsync("3");
        await Expect(value).ToHaveValueAsync("123");

        // The response names another version, whose labels are read for its answer. Cancel does not wait for them.
        await open.Page.ReloadAsync();
        await value.FillAsync("1");
        await open.RespondAsync("**/predict", """{"version":1,"predictions":[[9,9,9,9]]}""", times: 1);
        await open.ClickAsync("Predict");
        late = await held.NextAsync();
        await open.ClickAsync("Cancel");
        await open.ClickAsync("Predict");
        await Expect(open.BestBar).ToHaveTextAsync("tripled");
        await late.ContinueAsync();
        await Expect(open.BestBar).ToHaveTextAsync("tripled");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Version_ThatDoesNotLoad_IsNotChosen()
    {
        await using var open = await OpenAsync("drawings");
        var version = open.Page.GetByLabel("Version", new() { Exact = true });

        await version.SelectOptionAsync("3");

        await Expect(open.Page.Locator(".detail .refused")).ToContainTextAsync("Version 3: ");
        await Expect(version).ToHaveValueAsync("");
        await open.AssertLayoutAsync("version-that-does-not-load");

        // The reason goes away when a later list of the models says that the version has loaded.
        var list = JsonNode.Parse(await models.Process.Client.GetStringAsync(new Uri("/models", UriKind.Relative)))!;
        var versions = list["models"]!.AsArray().Single(static model => (string?)model!["name"] == "drawings")!["versions"]!.AsArray();
        versions.Single(static one => (int)one!["version"]! == 3)!["state"] = "ready";
        await open.RespondAsync("**/models", list.ToJsonString());
        await Expect(open.Page.Locator(".detail .refused .line")).ToHaveCountAsync(0);
        open.AssertNoComplaints();
    }

    public void Dispose() => _folder.Dispose();

    private Task<OpenPage> OpenAsync(string model) => OpenPage.OpenAsync(chromium, models.Address, path: $"/#models/{model}");

    private string WritePicture(string name = "it.png")
    {
        File.WriteAllBytes(_folder.Combine(name), Convert.FromBase64String(Protocols.ImageTests.Png));
        return _folder.Combine(name);
    }

    private string WriteBlock()
    {
        File.WriteAllBytes(_folder.Combine("block.npy"), PageWidgetTests.Npy(isFortran: false, 2, 3));
        return _folder.Combine("block.npy");
    }
}
