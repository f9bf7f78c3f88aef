using System.Diagnostics;
using System.Text.Json;
using Functions.Tests.Protocols;
using Inference.Testing;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Runs the code that the page offers to copy, as a user would.</summary>
public sealed class PageSnippetTests(Chromium chromium, TextTests.Server texts)
    : IClassFixture<Chromium>, IClassFixture<TextTests.Server>, IDisposable
{
    /// <summary>
    /// A program that runs the copied Python code and prints JSON, because Python's print writes values in another format.
    /// </summary>
    private const string PythonRunner = "import json, sys; exec(sys.argv[1], {'print': lambda value: sys.stdout.write(json.dumps(value))})";

    private const string Key = "it's";

    /// <summary>A text with the characters that shells and languages must escape.</summary>
    private const string Text = "it's \"$HOME\" \\ `x` \"\"\" ü€😀";

    private readonly TempFolder _folder = new();

    [ChromiumFact]
    public async Task Text_IsTypedAndSentAsTyped()
    {
        await using var open = await OpenPage.OpenAsync(chromium, texts.Process.Client.BaseAddress!, path: "/#models/mean");

        await open.Page.GetByLabel("Text", new() { Exact = true }).FillAsync("hello world");
        var response = await PredictAsync(open);

        Assert.Equal("[[4,1,0]]", response);
        Assert.Equal(response, await RunAsync("bash", "-c", await CodeAsync(open, "curl")));
        await open.ScreenshotAsync("text");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Code_InEachLanguage_GetsTheAnswerOfThePage()
    {
        using var models = new ModelFolder();
        TestModels.CopyTo("identity_string", models.PathOf("echo", "1"));
        await using var process = await models.ServeAsync(("Keys__Function", Key));
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/echo");
        await open.Page.GetByLabel("Key", new() { Exact = true }).FillAsync(Key);
        await open.Page.Keyboard.PressAsync("Enter");

        await open.Page.GetByLabel("x", new() { Exact = true }).FillAsync(Text);
        var response = await PredictAsync(open);

        Assert.Equal(Text, JsonElement.Parse(response)[0].GetString());
        Assert.Equal(response, await RunAsync("bash", "-c", await CodeAsync(open, "curl")));
        Assert.Equal(response, await RunAsync("python3", "-c", PythonRunner, await CodeAsync(open, "Python")));
        await File.WriteAllTextAsync(_folder.Combine("copied.cs"), "#:property PublishAot=false\n" + await CodeAsync(open, "C#"));
        Assert.Equal(response, await RunAsync("dotnet", "run", "copied.cs"));
        open.AssertNoComplaints(expected: "401");
    }

    [ChromiumFact]
    public async Task Code_OfAPicture_SendsTheFile()
    {
        using var models = new ModelFolder();
        TestModels.CopyTo("pixels", models.PathOf("pixels", "1"));
        models.Write("""{"image":{"height":2,"width":2,"scale":1}}""", "pixels", "model.json");
        await using var process = await models.ServeAsync();
        await using var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: "/#models/pixels");
        await File.WriteAllBytesAsync(_folder.Combine("it's.png"), Convert.FromBase64String(ImageTests.Png));

        await open.Page.GetByLabel("Picture (PNG, JPEG or WebP)").SetInputFilesAsync(_folder.Combine("it's.png"));
        var response = await PredictAsync(open);

        Assert.Equal("[[255,128,0]]", response);
        Assert.Equal(response, await RunAsync("bash", "-c", await CodeAsync(open, "curl")));
        Assert.Equal(response, await RunAsync("python3", "-c", PythonRunner, await CodeAsync(open, "Python")));
        open.AssertNoComplaints();
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>The predictions in the response that the page shows.</returns>
    private static async Task<string> PredictAsync(OpenPage open)
    {
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("round trip");
        return Predictions(await open.Page.Locator(".answer pre").TextContentAsync());
    }

    private static async Task<string> CodeAsync(OpenPage open, string language)
    {
        await open.ClickAsync(language);
        return await open.Page.GetByLabel("Code", new() { Exact = true }).InnerTextAsync();
    }

    private static string Predictions(string? response) =>
        JsonSerializer.Serialize(JsonElement.Parse(response!).GetProperty("predictions"));

    /// <returns>The predictions in the response that the program prints.</returns>
    private async Task<string> RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.Environment["KEY"] = Key;
        using var program = Process.Start(start)!;
        var output = program.StandardOutput.ReadToEndAsync();
        var errors = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        Assert.True(program.ExitCode == 0, errors + await output);
        return Predictions(await output);
    }
}
