using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests the forms and the views for the inputs and outputs of models.</summary>
public sealed class PageWidgetTests(Chromium chromium, PageModels models) : IClassFixture<Chromium>, IClassFixture<PageModels>, IDisposable
{
    private readonly TempFolder _folder = new();

    [ChromiumFact]
    public async Task Picture_DroppedAndPasted_HasItsBoxesDrawn()
    {
        await using var open = await OpenAsync("detector");

        await open.ClickAsync("Predict");

        await Expect(open.Page.GetByRole(AriaRole.Img, new() { Name = "2 found in the picture." })).ToBeVisibleAsync();
        await Expect(open.Page.GetByLabel("Found", new() { Exact = true }).Locator("li")).ToHaveTextAsync(["cat 90.0 %", "dog 60.0 %"]);
        // The page sets the height when it has decoded the picture, and draws the boxes at once.
        await Expect(open.Page.Locator("canvas.found")).ToHaveAttributeAsync("height", "384");
        // The pixel is on the box around the left half, which has the first color.
        Assert.Equal("194,24,91,255", string.Join(',', await PixelAsync(open, 0, 190)));
        await open.AssertLayoutAsync("boxes");
        await open.ClickAsync("JSON");
        await open.ClickAsync("Predict");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"boxes\"");
        await open.ClickAsync("Picture");

        foreach (var kind in (string[])["drop", "paste"])
        {
            await SendPictureAsync(open, kind);
            await Expect(open.Page.Locator("pre[aria-label=Code]")).ToContainTextAsync($"{kind}.png");
            await open.ClickAsync("Predict");
            await Expect(open.Page.Locator("canvas.found")).ToHaveAttributeAsync("height", "160");
        }

        // A refused file removes the previous picture and its response.
        await open.Page.GetByLabel("Picture (PNG, JPEG or WebP)").SetInputFilesAsync(File("moving.gif", "GIF89a"));
        await Expect(open.Answer).ToContainTextAsync("moving.gif is image/gif.");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("moving.gif is image/gif.");
        await Expect(open.Page.Locator("canvas.found")).ToHaveCountAsync(0);
        await SendPictureAsync(open, "drop", "webp");
        await Expect(open.Answer).ToHaveTextAsync("No answer yet.");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator("canvas.found")).ToHaveAttributeAsync("height", "160");
        open.AssertNoComplaints();
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
        await open.AssertLayoutAsync("mask");
        open.AssertNoComplaints();
    }

    /// <summary>A camera that stays on would film the user without showing it.</summary>
    [ChromiumFact]
    public async Task Camera_AfterTheUserHasLeftTheForm_IsOff()
    {
        await using var open = await OpenAsync("segmenter", new() { Permissions = ["camera"] });
        await open.Page.EvaluateAsync(
            """
            () => {
              const start = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
              navigator.mediaDevices.getUserMedia = async wanted => (window.camera = await start(wanted));
            }
            """);
        foreach (var link in (string[])["Jobs", "API", "detector"])
        {
            await open.ClickAsync("Camera");
            await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Take the picture" })).ToBeEnabledAsync();
            await open.Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync();
            await open.Page.WaitForFunctionAsync("() => camera.getTracks().every(track => track.readyState === 'ended')");
            await open.Page.GoBackAsync();
            await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("segmenter");
            await Expect(open.Page.GetByLabel("What the camera sees")).ToBeHiddenAsync();
        }

        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task NumpyFile_WhoseContentDoesNotFitItsHeader_IsRefused()
    {
        await using var open = await OpenAsync("large");
        var whole = Npy(isFortran: false, 1, 3, 224, 224);
        var header = System.Text.Encoding.Latin1.GetString(whole[..^(3 * 224 * 224 * sizeof(float))]);
        var ofBooleans = System.Text.Encoding.Latin1.GetBytes(header.Replace("<f4", "|b1", StringComparison.Ordinal));
        (byte[] Content, string Message)[] files =
        [
            ([.. whole[..6], 4, .. whole[7..]], "Version 4.0 of the format is not read; 1.0, 2.0 and 3.0 are. Save the array with numpy.save."),
            ([.. whole, 0], "The file has 602113 bytes of values; its shape says 602112. Save the array again."),
            (whole[..^1], "The file ends early. Save the array again."),
            ([.. ofBooleans, .. Enumerable.Repeat((byte)10, 3 * 224 * 224)],
                "It has a boolean other than 0 and 1. Save the array again, for example with astype(\"bool\")."),
        ];
        foreach (var (index, (content, message)) in files.Index())
        {
            // The browser raises no event for a file with the path of the previous one.
            await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File($"{index}.npy", content));
            await Expect(open.Said).ToHaveTextAsync($"{index}.npy: {message}");
        }
    }

    [ChromiumFact]
    public async Task LargeTensor_IsUploadedAndItsAnswerCut()
    {
        await using var open = await OpenAsync("large");
        var code = open.Page.GetByLabel("Code", new() { Exact = true });
        // A form filled with zeros would have 302,000 characters.
        Assert.True((await open.Page.ContentAsync()).Length < 50_000);
        await open.ClickAsync("JSON");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToHaveTextAsync("Type the body first.");
        await open.ClickAsync("Upload");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToHaveTextAsync("Choose a file first.");
        Assert.Empty(await Accessibility.FindAsync(open.Page));

        await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File("narrow.npy", Npy(isFortran: false, 3, 224, 200)));
        await Expect(open.Said).ToHaveTextAsync(
            "narrow.npy: It has shape [3, 224, 200]; pixels takes [-1, 3, 224, 224]. "
            + "Choose a file with an array of that shape, where -1 stands for any size.");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("narrow.npy: It has shape [3, 224, 200]");
        await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File("columns.npy", Npy(isFortran: true, 1, 3, 224, 224)));
        await Expect(open.Said).ToHaveTextAsync("pixels: [1, 3, 224, 224]");
        await open.ClickAsync("Predict");
        // In Fortran's order, the second value of a row is 672 values after the first, so it is 1 / 673.
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("0.00148588");
        await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File("x.npy", Npy(isFortran: false, 2, 3, 224, 224)));
        await Expect(open.Said).ToHaveTextAsync("pixels: [2, 3, 224, 224]");
        // A worker parses megabytes, because the page's own thread would be blocked.
        await open.Page.RunAndWaitForWorkerAsync(() => open.ClickAsync("Predict"));

        await Expect(open.Answer).ToContainTextAsync("Answered");
        await Expect(open.Page.Locator(".answer")).ToContainTextAsync("MiB");
        Assert.InRange((await open.Page.GetByLabel("Answer as JSON").TextContentAsync())!.Length, 1000, 30_000);
        var download = await open.Page.RunAndWaitForDownloadAsync(() => open.Page.GetByText("Download the whole answer").ClickAsync());
        Assert.True(new FileInfo(await download.PathAsync()).Length > 500_000);
        await Expect(code).ToContainTextAsync("Inference-Header-Content-Length");
        await open.AssertLayoutAsync("upload");

        await open.Page.GetByLabel("pixels: FP32").SetInputFilesAsync(File("it.png", Convert.FromBase64String(Protocols.ImageTests.Png)));
        await Expect(open.Said).ToHaveTextAsync("pixels: [1, 3, 224, 224]");
        open.AssertNoComplaints();
    }

    /// <summary>A letter of several bytes must not be split where a long answer is cut.</summary>
    [ChromiumFact]
    public async Task LongAnswer_IsCutBetweenLetters()
    {
        await using var open = await OpenAsync("scaling");
        await open.RespondAsync("**/predict", $"{{\"predictions\":[\"{string.Concat(Enumerable.Repeat("😀", 30_000))}\"]}}");

        await open.ClickAsync("Predict");

        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("😀 …");
        await Expect(open.Page.GetByLabel("Answer as JSON")).Not.ToContainTextAsync("\ufffd");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Version_Chosen_Answers()
    {
        await using var open = await OpenAsync("scaling");
        await open.Page.GetByLabel("x 0").FillAsync("0.2");

        await open.ClickAsync("Predict");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"version\": 2");
        await Expect(open.BestBar).ToHaveTextAsync("tripled");
        // The sum of the scores is not 1, so they are shown as numbers.
        await Expect(open.Page.Locator(".bars .best .score")).ToHaveTextAsync("0.6");
        await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync("1");
        await Expect(open.Page.GetByLabel("Code", new() { Exact = true })).ToContainTextAsync("/models/scaling/versions/1/predict");
        await open.Page.GetByLabel("x 0").FillAsync("-0.0000016");
        await open.ClickAsync("Predict");

        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("\"version\": 1");
        await Expect(open.Page.Locator(".bars li").First).ToHaveTextAsync("doubled and with a long name of its class-3.20e-6");
        Assert.Equal(1, await open.Page.EvaluateAsync<int>(
            "() => new Set([...document.querySelectorAll('.bars .track')].map(one => one.getBoundingClientRect().width)).size"));
        await open.AssertLayoutAsync("bars-of-numbers");
        open.AssertNoComplaints();
    }

    /// <summary>A bar is longer than another one only for a higher score.</summary>
    [ChromiumFact]
    public async Task Bars_OfNegativeScores_AreInTheirOrder()
    {
        await using var open = await OpenAsync("scaling");
        foreach (var (column, value) in ((string, string)[])[("x 0", "-1.78"), ("x 1", "-1.34"), ("x 2", "0.5"), ("x 3", "-0.0001")])
            await open.Page.GetByLabel(column).FillAsync(value);

        await open.ClickAsync("Predict");

        await Expect(open.Page.Locator(".bars .score")).ToHaveTextAsync(["-5.34", "-4.02", "1.5", "-0.0003"]);
        await Expect(open.Page.GetByText("The bars begin at -5.34.")).ToBeVisibleAsync();
        var widths = await open.Page.Locator(".bars .track").EvaluateAllAsync<double[]>(
            "tracks => tracks.map(track => track.firstChild.getBoundingClientRect().width / track.getBoundingClientRect().width)");
        Assert.Equal([0, 0.193, 1, 0.781], widths.Select(width => Math.Round(width, 3)), (a, b) => Math.Abs(a - b) < 0.02);
        await open.AssertLayoutAsync("bars-of-negative-scores");

        foreach (var (column, value) in ((string, string)[])[("x 0", "0"), ("x 1", "0.00001"), ("x 3", "1000")])
            await open.Page.GetByLabel(column).FillAsync(value);
        await open.ClickAsync("Predict");
        await Expect(open.BestBar).ToHaveTextAsync("d");
        var small = (await open.Page.Locator(".bars .bar").Nth(1).BoundingBoxAsync())!;
        Assert.InRange(small.Width, 0.99, 1.5);
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Prediction_WhileItRuns_IsShownAndCanBeCancelled()
    {
        await using var open = await OpenAsync("scaling");
        // The handler does nothing, so the request gets no response.
        await open.Page.RouteAsync("**/predict", static _ => { });

        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("Running");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Predict", Exact = true })).ToBeDisabledAsync();
        await open.ClickAsync("Cancel");

        await Expect(open.Answer).ToHaveTextAsync("Cancelled.");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Predict", Exact = true })).ToBeEnabledAsync();

        // A response that no view expects also ends the prediction.
        await open.RespondAsync("**/predict", """{"predictions":[[{"token_str":"a","score":1},null]]}""");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("The page cannot draw this answer");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("predictions");
        await Expect(open.Page.GetByRole(AriaRole.Button, new() { Name = "Predict", Exact = true })).ToBeEnabledAsync();
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

    /// <summary>Writes a file like numpy.save, with float32 values that have many digits.</summary>
    internal static byte[] Npy(bool isFortran, params int[] shape)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': {isFortran}, 'shape': ({string.Join(", ", shape)}), }}".PadRight(117) + "\n";
        var values = new float[shape.Aggregate(1, static (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
            values[i] = 1f / (i + 1);
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header),
            .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)];
    }

    /// <summary>A picture of 40 pixels by 20 by the events that the browser raises.</summary>
    internal static async Task SendPictureAsync(OpenPage open, string kind, string format = "png") =>
        await open.Page.Locator(".drop").EvaluateAsync(
        """
        async (target, [kind, format]) => {
          const canvas = new OffscreenCanvas(40, 20);
          canvas.getContext('2d').fillRect(0, 0, 20, 20);
          const data = new DataTransfer();
          const type = `image/${format}`;
          data.items.add(new File([await canvas.convertToBlob({ type })], `${kind}.${format}`, { type }));
          target.dispatchEvent(kind === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }
        """,
        new[] { kind, format });

    private static Task<int[]> PixelAsync(OpenPage open, int x, int y) => open.Page.Locator("canvas.found").EvaluateAsync<int[]>(
        "(canvas, at) => [...canvas.getContext('2d').getImageData(at[0], at[1], 1, 1).data]", new[] { x, y });
}
