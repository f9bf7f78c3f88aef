using System.Diagnostics;
using System.Text.Json;
using Functions.Tests.Models;
using Microsoft.Playwright;

namespace Functions.Tests.Page;

/// <summary>Draws digits on the page as several people do, and checks what the shipped model reads.</summary>
public sealed class PageDigitTests(Chromium chromium, EmbeddedModelsTests.Server server)
    : IClassFixture<Chromium>, IClassFixture<EmbeddedModelsTests.Server>
{
    private const float Side = 256;
    private const int MaxMisread = 2;

    private Uri Address => server.Process.Client.BaseAddress!;

    /// <summary>The drawings were made by hand, and the model was not trained on them.</summary>
    [ChromiumFact]
    public async Task Draw_DigitsOfSeveralHands_AreReadRight()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Address);
        var drawings = Drawing.ReadAll();
        var misread = new List<string>();

        foreach (var drawing in drawings)
        {
            await open.ClickAsync("Clear");
            await DrawAsync(open.Page, drawing.Strokes);
            if (await PredictAsync(open) is var read && read != $"{drawing.Digit}")
                misread.Add($"{drawing.Digit} of the {drawing.Hand} hand as {read}");
        }

        Assert.True(misread.Count <= MaxMisread, $"{misread.Count} of {drawings.Count}: {string.Join(", ", misread)}");
        open.AssertNoComplaints();
    }

    /// <summary>The model was trained on the recipe's pixels, so the page must compute the same pixels from a drawing.</summary>
    [RecipeFact]
    public async Task Pixels_OfThePage_AreThoseOfTheRecipe()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Address);
        double[][][][] edges =
        [
            [[[128, 128]]],
            [[[10, 10], [13, 10]], [[11, 12]]],
            [[[0, 100], [256, 100.5]]],
            [[[-20.25, 7], [-20.25, 300.75]]],
            [[[30.1, 40.7], [30.1, 40.7], [90.3, 200.9]], [[200, 10], [90.3, 200.9]]],
        ];
        var drawings = JsonSerializer.Serialize(Drawing.ReadAll().Select(drawing => drawing.Strokes).Concat(edges));

        var page = await open.Page.EvaluateAsync<string>(
            "async drawings => JSON.stringify(JSON.parse(drawings).map((await import('/play/ink.js')).pixelsOf))", drawings);

        var recipe = JsonSerializer.Deserialize<int[][]>(await RunRecipeAsync(drawings))!;
        Assert.Equal(recipe, JsonSerializer.Deserialize<int[][]>(page)!);
        Assert.Equal(16, recipe[^edges.Length].Sum());
        open.AssertNoComplaints();
    }

    private static async Task DrawAsync(IPage page, double[][][] strokes)
    {
        var pad = (await page.Locator("canvas.pad").BoundingBoxAsync())!;
        foreach (var stroke in strokes)
        {
            await MoveAsync(stroke[0]);
            await page.Mouse.DownAsync();
            foreach (var point in stroke[1..])
                await MoveAsync(point);
            await page.Mouse.UpAsync();
        }

        Task MoveAsync(double[] point) =>
            page.Mouse.MoveAsync(pad.X + ((float)point[0] * pad.Width / Side), pad.Y + ((float)point[1] * pad.Height / Side));
    }

    /// <summary>Returns the model's label for the pixels on the page, once the page shows it as the best one.</summary>
    private static async Task<string> PredictAsync(OpenPage open)
    {
        var pixels = await open.Page.GetByLabel("Pixels, 0 to 16, row by row").InputValueAsync();
        var label = await open.Page.EvaluateAsync<string>(
            """
            async pixels => {
              const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: `{"features":${pixels}}` };
              return (await (await fetch('/models/digits/predict', request)).json()).labels[0][0].label;
            }
            """,
            pixels);
        await Assertions.Expect(open.Page.Locator(".bars li.best .label")).ToHaveTextAsync(label);
        return label;
    }

    private static async Task<string> RunRecipeAsync(string drawings)
    {
        using var python = Process.Start(new ProcessStartInfo(
            RecipeFactAttribute.Python, [Path.Combine(AppContext.BaseDirectory, "models", "recipes", "drawing.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await python.StandardInput.WriteAsync(drawings);
        python.StandardInput.Close();
        var pixels = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);
        return pixels;
    }

    /// <param name="Hand">The kind of person who draws like this.</param>
    /// <param name="Strokes">Lists of x and y on a canvas of 256 x 256.</param>
    private sealed record Drawing(int Digit, string Hand, double[][][] Strokes)
    {
        public static List<Drawing> ReadAll() => JsonSerializer.Deserialize<List<Drawing>>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Page", "digit-drawings.json")), JsonSerializerOptions.Web)!;
    }

    /// <summary>A test that needs the browser, and Debian's Python with NumPy, which .ci/run installs.</summary>
    private sealed class RecipeFactAttribute : FactAttribute
    {
        public const string Python = "/usr/bin/python3";

        public RecipeFactAttribute() => Skip = !File.Exists(Chromium.Executable) || !HasNumPy()
            ? "The browser or NumPy is missing: apt-get install chromium python3-numpy."
            : null;

        private static bool HasNumPy()
        {
            if (!File.Exists(Python))
                return false;
            using var python = Process.Start(new ProcessStartInfo(Python, ["-c", "import numpy"]) { RedirectStandardError = true })!;
            python.WaitForExit();
            return python.ExitCode == 0;
        }
    }
}
