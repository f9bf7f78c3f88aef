using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>What a model takes and gives, in the form that suits it.</summary>
public sealed class PageWidgetTests(Chromium chromium, PageModels models) : IClassFixture<Chromium>, IClassFixture<PageModels>, IDisposable
{
    private readonly TempFolder _folder = new();

    [ChromiumFact]
    public async Task Table_RowsByHandCsvAndExamples_AreAnsweredAsATable()
    {
        await using var open = await OpenAsync("prices");
        var row = open.Page.Locator(".sheet tbody tr");
        var values = open.Page.Locator(".answer .values-table tbody tr");

        await open.Page.GetByLabel("age", new() { Exact = true }).FillAsync("40.5");
        await open.ClickAsync("Add a row");
        await open.Page.GetByLabel("rooms, row 2").FillAsync("3");
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["140.5", "23"]);

        // By the names of the header, in another order.
        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("rows.csv", "rooms,age\n1,10\n2,\"20\"\n3,30\n"));
        await Expect(row).ToHaveCountAsync(3);
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["111", "222", "333"]);

        await PasteAsync(open, "age", "1\t2\n3\t4");
        await Expect(row).ToHaveCountAsync(2);
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["13", "27"]);
        await PasteAsync(open, "age", "1,2\n3");
        await Expect(Said(open)).ToContainTextAsync("Row 2 has 1 cell, and the model takes 2 columns: age, rooms.");

        await open.ClickAsync("Example 1");
        await Expect(values).ToHaveTextAsync(["16", "28"]);
        await open.ClickAsync("Example 2");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(open.Answer).ToContainTextAsync("Answered");
        await open.AssertLooksAsync("table");
        open.AssertQuiet();
    }

    [ChromiumFact]
    public async Task Table_ValueThatIsNoNumber_IsToldByTheServer()
    {
        await using var open = await OpenAsync("prices");

        await open.Page.GetByLabel("rooms", new() { Exact = true }).FillAsync("many");
        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator(".answer .error")).ToContainTextAsync("rooms");
        open.AssertQuiet(expected: "400");
    }

    [ChromiumFact]
    public async Task Picture_DroppedAndPasted_HasItsBoxesDrawn()
    {
        await using var open = await OpenAsync("detector");

        await open.ClickAsync("Predict");

        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "2 found in the picture." })).ToBeVisibleAsync();
        await Expect(open.Page.GetByLabel("Found", new() { Exact = true }).Locator("li")).ToHaveTextAsync(["cat 90.0 %", "dog 60.0 %"]);
        // The left half of the picture has a box around it, in the color of cats.
        Assert.Equal("194,24,91,255", string.Join(',', await PixelAsync(open, 0, 190)));
        await open.AssertLooksAsync("boxes");

        foreach (var kind in (string[])["drop", "paste"])
        {
            await SendPictureAsync(open, kind);
            await Expect(open.Page.Locator("pre[aria-label=Code]")).ToContainTextAsync($"{kind}.png");
            await open.ClickAsync("Predict");
            await Expect(open.Page.Locator("canvas.found")).ToHaveAttributeAsync("height", "160");
        }

        open.AssertQuiet();
    }

    [ChromiumFact]
    public async Task Picture_OfACamera_IsSent()
    {
        await using var open = await OpenAsync("segmenter", new() { Permissions = ["camera"] });

        await open.ClickAsync("Camera");
        await open.ClickAsync("Take the picture");
        await Expect(open.Page.GetByLabel("What the camera sees")).ToBeHiddenAsync();
        await open.ClickAsync("Predict");

        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "The picture with its mask" })).ToBeVisibleAsync();
        await Expect(open.Page.Locator(".answer")).ToContainTextAsync("2 kinds of area.");
        await open.AssertLooksAsync("mask");
        open.AssertQuiet();
    }

    [ChromiumFact]
    public async Task LargeTensor_IsUploadedAndItsAnswerCut()
    {
        await using var open = await OpenAsync("large");
        var code = open.Page.GetByLabel("Code", new() { Exact = true });
        // Zeros in a form would be 302,000 characters.
        Assert.True((await open.Page.ContentAsync()).Length < 50_000);
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToHaveTextAsync("Choose a file first.");

        await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File("narrow.npy", Npy(3, 224, 200)));
        await Expect(Said(open)).ToContainTextAsync("narrow.npy: It has shape [3, 224, 200]; pixels takes [-1, 3, 224, 224].");
        await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File("x.npy", Npy(2, 3, 224, 224)));
        await Expect(Said(open)).ToHaveTextAsync("pixels: [2, 3, 224, 224]");
        // The page's own thread would stand still while it reads megabytes.
        await open.Page.RunAndWaitForWorkerAsync(() => open.ClickAsync("Predict"));

        await Expect(open.Answer).ToContainTextAsync("Answered");
        await Expect(open.Page.Locator(".answer")).ToContainTextAsync("MiB");
        Assert.InRange((await open.Page.GetByLabel("Answer as JSON").TextContentAsync())!.Length, 1000, 30_000);
        var download = await open.Page.RunAndWaitForDownloadAsync(() => open.Page.GetByText("Download the whole answer").ClickAsync());
        Assert.True(new FileInfo(await download.PathAsync()).Length > 500_000);
        await Expect(code).ToContainTextAsync("Inference-Header-Content-Length");
        await open.AssertLooksAsync("upload");

        await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File("it.png", Convert.FromBase64String(Protocols.ImageTests.Png)));
        await Expect(Said(open)).ToHaveTextAsync("pixels: [1, 3, 224, 224]");
        open.AssertQuiet();
    }

    [ChromiumFact]
    public async Task Version_Chosen_Answers()
    {
        await using var open = await OpenAsync("scaling");
        await open.Page.GetByLabel("x 0").FillAsync("1");

        await open.ClickAsync("Predict");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"version\": 2");
        await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync("1");
        await Expect(open.Page.GetByLabel("Code", new() { Exact = true })).ToContainTextAsync("/models/scaling/versions/1/predict");
        await open.ClickAsync("Predict");

        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"version\": 1");
        open.AssertQuiet();
    }

    public void Dispose() => _folder.Dispose();

    private Task<OpenPage> OpenAsync(string model, BrowserNewContextOptions? options = null) =>
        OpenPage.OpenAsync(chromium, models.Address, options, path: $"/#models/{model}");

    private string File(string name, string content) => File(name, System.Text.Encoding.UTF8.GetBytes(content));

    private string File(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(_folder.Combine(name), content);
        return _folder.Combine(name);
    }

    /// <summary>Float32 values that are no short numbers, as numpy.save writes them.</summary>
    private static byte[] Npy(params int[] shape)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}), }}".PadRight(117) + "\n";
        var values = new float[shape.Aggregate(1, static (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
            values[i] = 1f / (i + 1);
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header),
            .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)];
    }

    private static ILocator Said(OpenPage open) => open.Page.Locator("form .hint[role=status]");

    private static async Task PasteAsync(OpenPage open, string field, string text) => await Field(open, field).EvaluateAsync(
        """
        (input, text) => {
          const data = new DataTransfer();
          data.setData('text', text);
          input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }
        """,
        text);

    /// <summary>A picture of 40 pixels by 20 by the events that the browser raises.</summary>
    private static async Task SendPictureAsync(OpenPage open, string kind) => await open.Page.Locator(".drop").EvaluateAsync(
        """
        async (target, kind) => {
          const canvas = new OffscreenCanvas(40, 20);
          canvas.getContext('2d').fillRect(0, 0, 20, 20);
          const data = new DataTransfer();
          data.items.add(new File([await canvas.convertToBlob()], `${kind}.png`, { type: 'image/png' }));
          target.dispatchEvent(kind === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }
        """,
        kind);

    private static ILocator Field(OpenPage open, string label) => open.Page.GetByLabel(label, new() { Exact = true });

    private static Task<int[]> PixelAsync(OpenPage open, int x, int y) => open.Page.Locator("canvas.found").EvaluateAsync<int[]>(
        "(canvas, at) => [...canvas.getContext('2d').getImageData(at[0], at[1], 1, 1).data]", new[] { x, y });
}
