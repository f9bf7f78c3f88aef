using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests that the page shows whole outputs: those of models without a batch dimension, and those of uploads.</summary>
public sealed class PageOutputTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    /// <summary>A model that returns two boxes as the rows of its only output, whose first dimension is no batch dimension.</summary>
    private const string Detector = """
        in image f32[1,3,8,8]; const zero f32[1] 0; const places f32[2,6] 0 0 4 8 0.9 0 4 4 8 8 0.6 1; mean = GlobalAveragePool(image)
        none = Mul(mean, zero); flat = Flatten(none) axis=1; sum = ReduceSum(flat) keepdims=1; found = Add(places, sum)
        out found f32[2,6]
        """;

    private readonly TempFolder _files = new();

    [ChromiumFact]
    public async Task Output_WithoutABatchDimension_IsShownWhole()
    {
        using var models = new ModelFolder();
        models.Write(OnnxText.Compile("in x f32[2,2]; y = Neg(x); out y f32[2,2]"), "matrix", "1", "model.onnx");
        models.Write(OnnxText.Compile("in x f32[n,3]; s = SplitToSequence(x) axis=1; out s"), "parts", "1", "model.onnx");
        models.Write(OnnxText.Compile("in x f32[?]; y = Abs(x); out y f32[?]"), "shapeless", "1", "model.onnx");
        await using var process = await models.ServeAsync();
        await using var open = await OpenAsync(process, "matrix");
        var (heads, rows) = (open.Page.Locator(".values-table thead th"), open.Page.Locator(".values-table tbody tr"));

        await PredictAsync(open, "[[1,2],[3,4]]");
        await Expect(rows).ToHaveTextAsync(["1-1-2", "2-3-4"]);
        await Expect(heads).ToHaveTextAsync(["Row", "0", "1"]);
        await Expect(open.Page.Locator(".bars li")).ToHaveCountAsync(0);
        await open.AssertLayoutAsync("output-without-a-batch-dimension");

        await ChooseAsync(open, "parts");
        await PredictAsync(open, "[[1,2,3],[4,5,6]]");
        await Expect(rows).ToHaveTextAsync(["114", "225", "336"]);
        await PredictAsync(open, "[[1,2,3]]");
        await Expect(rows).ToHaveTextAsync(["11", "22", "33"]);
        await Expect(heads).ToHaveTextAsync(["Row", "s"]);

        await ChooseAsync(open, "shapeless");
        await PredictAsync(open, "[[1,2],[3,-4]]");
        await Expect(rows).ToHaveTextAsync(["112", "234"]);
        // A list of numbers is one answer, and not one for each number.
        await PredictAsync(open, "[5,-7,6]");
        await Expect(open.Page.Locator(".bars .score")).ToHaveTextAsync(["5", "7", "6"]);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Boxes_InTheRowsOfAnOutputOfAFixedShape_AreDrawn()
    {
        using var models = new ModelFolder();
        models.Write(OnnxText.Compile(Detector), "rows", "1", "model.onnx");
        models.Write("""{"image":{"height":8,"width":8,"scale":1}}""", "rows", "model.json");
        models.Write("cat\ndog\n", "rows", "1", "labels.txt");
        await using var process = await models.ServeAsync();
        await using var open = await OpenAsync(process, "rows");
        var found = open.Page.GetByLabel("Found", new() { Exact = true }).Locator("li");

        await open.ClickAsync("Predict");
        await Expect(found).ToHaveTextAsync(["cat 90.0 %", "dog 60.0 %"]);
        await open.AssertLayoutAsync("boxes-of-rows");

        await open.ClickAsync("Upload");
        await Expect(found).ToHaveCountAsync(0);
        await open.Page.GetByLabel("image: FP32").SetInputFilesAsync(Write("it.png", Convert.FromBase64String(Protocols.ImageTests.Png)));
        await open.ClickAsync("Predict");
        await Expect(found).ToHaveTextAsync(["cat 90.0 %", "dog 60.0 %"]);

        // Without a picture, the labels do not name the columns of the boxes.
        await open.ClickAsync("Tensors");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".values-table thead th")).ToHaveTextAsync(["Row", "0", "1", "2", "3", "4", "5"]);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Upload_OfOneOrSeveralItems_IsAnsweredByBarsOrATable()
    {
        using var models = new ModelFolder();
        models.Write(
            OnnxText.Compile("in x f32[n,3,1]; scores = Flatten(x) axis=1; out scores f32[n,3]"), "classes", "1", "model.onnx");
        models.Write("a\nb\nc\n", "classes", "1", "labels.txt");
        models.Write(
            OnnxText.Compile("in x f32[n,2,1]; flat = Flatten(x) axis=1; minus = Neg(flat); out flat f32[n,2]; out minus f32[n,2]"),
            "outputs", "1", "model.onnx");
        await using var process = await models.ServeAsync();
        await using var open = await OpenAsync(process, "classes");
        var (heads, rows) = (open.Page.Locator(".values-table thead th"), open.Page.Locator(".values-table tbody tr"));

        await UploadAsync(open, "one.npy", 1, 3, 1);
        await Expect(open.BestBar).ToHaveTextAsync("a");
        await Expect(open.Answer).ToContainTextAsync("a: 1 (round trip");
        await UploadAsync(open, "two.npy", 2, 3, 1);
        await Expect(rows).ToHaveTextAsync(["110.50.33333334", "20.250.20.16666667"]);
        await Expect(heads).ToHaveTextAsync(["Item", "a", "b", "c"]);
        await open.AssertLayoutAsync("upload-of-two-items");

        await ChooseAsync(open, "outputs");
        await UploadAsync(open, "both.npy", 2, 2, 1);
        await Expect(heads).ToHaveTextAsync(["Item", "flat", "minus"]);
        await Expect(rows).ToHaveTextAsync(["11, 0.5-1, -0.5", "20.33333334, 0.25-0.33333334, -0.25"]);
        open.AssertNoComplaints();
    }

    public void Dispose() => _files.Dispose();

    private Task<OpenPage> OpenAsync(FunctionsProcess process, string model) =>
        OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: $"/#models/{model}");

    private static async Task ChooseAsync(OpenPage open, string model)
    {
        await open.Page.GetByRole(AriaRole.Link, new() { Name = model, Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync(model);
    }

    /// <summary>Sends a value for the input x.</summary>
    private static async Task PredictAsync(OpenPage open, string value)
    {
        await open.Page.GetByLabel("x: FP32").FillAsync(value);
        await open.ClickAsync("Predict");
    }

    /// <summary>Uploads an array of 1, 1/2, 1/3 and so on for the input x.</summary>
    private async Task UploadAsync(OpenPage open, string file, params int[] shape)
    {
        await open.ClickAsync("Upload");
        await open.Page.GetByLabel("x: FP32").SetInputFilesAsync(Write(file, PageWidgetTests.Npy(isFortran: false, shape)));
        await open.ClickAsync("Predict");
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_files.Combine(name), content);
        return _files.Combine(name);
    }
}
