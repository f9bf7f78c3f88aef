using System.IO.Compression;
using System.Text;
using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests the files of NumPy that the user chooses for the inputs of a model.</summary>
public sealed class PageUploadTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly TempFolder _files = new();

    [ChromiumFact]
    public async Task Arrays_WithoutTheNamesOfTheInputs_AreRefusedUntilAGoodFileIsChosen()
    {
        using var models = new ModelFolder();
        models.Write(
            OnnxText.Compile("in left f32[n,2,3]; in right f32[n,2,3]; sum = Add(left, right); out sum f32[n,2,3]"),
            "sums", "1", "model.onnx");
        await using var process = await models.ServeAsync();
        await using var open = await OpenAsync(process, "sums");
        var left = open.Page.GetByLabel("left: FP32");
        const string Refusal = "other.npz: The file has 2 arrays: \"a\", \"b\". The model takes \"left\", \"right\". "
            + "Give an array the name \"left\", or save it alone.";

        await left.SetInputFilesAsync(WriteArrays("other.npz", "a", "b"));
        await Expect(open.Said).ToHaveTextAsync(Refusal);
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToHaveTextAsync(Refusal);
        await open.AssertLayoutAsync("upload-of-other-names");

        await left.SetInputFilesAsync(WriteArrays("good.npz", "left", "right", "notes"));
        await Expect(open.Said).ToHaveTextAsync("left: [1, 2, 3]; right: [1, 2, 3]");
        await Expect(open.Answer).ToHaveTextAsync("No answer yet.");
        await open.ClickAsync("Predict");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("0.6666667");

        // The arrays of the replaced file are not sent. The name of an only array does not matter.
        await left.SetInputFilesAsync(WriteArrays("only.npz", "arr_0"));
        await Expect(open.Said).ToHaveTextAsync("left: [1, 2, 3]");
        await Expect(open.Answer).ToHaveTextAsync("Choose a file for each input first.");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Values_ThatTheInputCannotHold_AreRefused()
    {
        using var models = new ModelFolder();
        models.Write(OnnxText.Compile("in x i64[n,2,3]; same = Identity(x); out same i64[n,2,3]"), "counts", "1", "model.onnx");
        models.Write(OnnxText.Compile("in x i8[n,2,3]; same = Identity(x); out same i8[n,2,3]"), "small", "1", "model.onnx");
        models.Write(OnnxText.Compile("in x f32[?]; same = Identity(x); out same f32[?]"), "shapeless", "1", "model.onnx");
        await using var process = await models.ServeAsync();
        await using var open = await OpenAsync(process, "counts");

        await open.Page.GetByLabel("x: INT64").SetInputFilesAsync(Write("parts.npy", PageWidgetTests.Npy(isFortran: false, 2, 3)));
        await Expect(open.Said).ToHaveTextAsync("parts.npy: The value 0.5 does not fit INT64. Save values that INT64 can hold.");

        // Another picture with lower values would fit, so every picture is refused.
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "small", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".facts")).ToContainTextAsync("x INT8");
        await open.ClickAsync("Upload");
        await open.Page.GetByLabel("x: INT8").SetInputFilesAsync(Write("it.png", Convert.FromBase64String(Protocols.ImageTests.Png)));
        await Expect(open.Said).ToHaveTextAsync(
            "it.png: A picture has values from 0 to 255, and INT8 cannot hold all of them. Choose a .npy or .npz file for x.");

        // An input of any shape takes every file.
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "shapeless", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".facts")).ToContainTextAsync("x FP32 of any shape");
        await open.ClickAsync("Upload");
        await open.Page.GetByLabel("x: FP32 of any shape")
            .SetInputFilesAsync(Write("two.npy", PageWidgetTests.Npy(isFortran: false, 2, 1)));
        await Expect(open.Said).ToHaveTextAsync("x: [2, 1]");
        await open.ClickAsync("Predict");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("0.5");

        // The float16 values are 1.5, -65504, the least positive one, and infinity.
        byte[] halves = [0x00, 0x3e, 0xff, 0xfb, 0x01, 0x00, 0x00, 0x7c];
        var header = Encoding.Latin1.GetString(PageWidgetTests.Npy(isFortran: false, 4)[..^16]);
        await open.Page.GetByLabel("x: FP32 of any shape").SetInputFilesAsync(
            Write("halves.npy", [.. Encoding.Latin1.GetBytes(header.Replace("<f4", "<f2", StringComparison.Ordinal)), .. halves]));
        await Expect(open.Said).ToHaveTextAsync("x: [4]");
        await open.ClickAsync("Predict");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("1.5, -65504, 5.9604645e-8, \"Infinity\"");
        open.AssertNoComplaints();
    }

    public void Dispose() => _files.Dispose();

    private async Task<OpenPage> OpenAsync(FunctionsProcess process, string model)
    {
        var open = await OpenPage.OpenAsync(chromium, process.Client.BaseAddress!, path: $"/#models/{model}");
        await open.ClickAsync("Upload");
        return open;
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_files.Combine(name), content);
        return _files.Combine(name);
    }

    /// <summary>Writes a file like numpy.savez, whose arrays have the same values.</summary>
    private string WriteArrays(string file, params string[] names)
    {
        using (var archive = ZipFile.Open(_files.Combine(file), ZipArchiveMode.Create))
        {
            foreach (var name in names)
            {
                using var entry = archive.CreateEntry($"{name}.npy").Open();
                entry.Write(PageWidgetTests.Npy(isFortran: false, 2, 3));
            }
        }

        return _files.Combine(file);
    }
}
