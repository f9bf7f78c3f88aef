using System.Net;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Tests how a push chooses the model file, tries the model, and reports its findings.</summary>
public sealed class PushTests : IDisposable
{
    private readonly ModelFolder _served = new();
    private readonly ModelFolder _made = new();

    public PushTests()
    {
        (string, int)[] variants = [("model", 2), ("model_fp16", 3), ("model_quantized", 4), ("model_q4f16", 5)];
        foreach (var (file, factor) in variants)
        {
            _made.WriteScaling(file, 1, factor);
            _made.Write(File.ReadAllBytes(_made.PathOf(file, "1", "model.onnx")), "hub", "onnx", $"{file}.onnx");
        }

        _made.Write("""{"architectures":["NoSuchModel"]}""", "hub", "config.json");
        _made.Write("weights", "hub", "pytorch_model.bin");
        _made.Write("etag", "hub", ".cache", "huggingface", "model.lock");
        _made.Write("a\nb\nc\nd\n", "labels");
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model", "--variant", "fp32")]
    [InlineData("model_fp16", "--variant", "fp16")]
    [InlineData("model_quantized", "--variant", "quantized")]
    [InlineData("model_q4f16", "--variant", "model_q4f16.onnx")]
    public async Task Variant_OfAHubFolder_IsStoredWithoutTheOthers(string file, params string[] options)
    {
        var result = await PushAsync(["hub"], options);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["config.json", "model.sha256", $"onnx/{file}.onnx"], StoredFiles());
        Assert.Contains(
            "5 files of other variants, formats and tools, or with a hidden name, are not pushed.", result.Error, StringComparison.Ordinal);
        await using var server = await _served.ServeAsync();
        await server.PostJsonAsync("/models/m/predict", "{\"features\":[1,0,0,0]}");
    }

    [Theory]
    [InlineData(
        "has no model file for --variant nope. Choose --variant fp32, fp16, \"onnx/model_q4f16.onnx\", \"onnx/model_qint8_arm64.onnx\" "
        + "or \"onnx/model_quint8_avx2.onnx\".", "nope")]
    [InlineData("has several model files for --variant quantized: \"onnx/model_qint8_arm64.onnx\", \"onnx/model_quint8_avx2.onnx\".", "quantized")]
    public async Task Variant_WithoutOneFile_ListsThem(string message, string variant)
    {
        _made.Shell("hub/onnx", "rm model_quantized.onnx && cp model.onnx model_qint8_arm64.onnx && cp model.onnx model_quint8_avx2.onnx");

        var result = await PushAsync(["hub"], "--variant", variant);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    [Theory]
    [InlineData("The model is \"onnx/model.onnx\". To push another, add --variant fp16, quantized or \"onnx/model_q4f16.onnx\".")]
    [InlineData(
        "has no model.onnx, but several model files. Choose one: --variant fp16, quantized or \"onnx/model_q4f16.onnx\".",
        "rm onnx/model.onnx")]
    [InlineData(
        "has no model.onnx, but several model files. Choose one: --variant \"a.onnx\" or \"b.onnx\".",
        "mv onnx/model.onnx a.onnx && cp a.onnx b.onnx && rm -r onnx")]
    public async Task Variants_WithoutTheOption_AreNamedWithIt(string message, string? change = null)
    {
        if (change is not null)
            _made.Shell("hub", change);

        var result = await PushAsync(["hub"]);

        Assert.Equal(change is null ? 0 : 2, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("store")]
    [InlineData("folder")]
    public async Task Variant_OtherThanTheSettings_NamesTheirPlace(string place)
    {
        (place == "store" ? _served : _made).Write("""{"file":"onnx/model.onnx"}""", place == "store" ? "m" : "hub", "model.json");

        var result = await PushAsync(["hub"], "--variant", "fp16");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"settings in the {place} specify \"onnx/model.onnx\".", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repository_InTheHubsCache_IsPushedByItsName()
    {
        _made.Shell("", "mkdir -p cache/models--org--scaling/blobs cache/models--org--scaling/snapshots/8e2b cache/models--org--scaling/refs "
            + "&& cp hub/onnx/model.onnx cache/models--org--scaling/blobs/3f1a && cd cache/models--org--scaling "
            + "&& ln -s ../../blobs/3f1a snapshots/8e2b/model.onnx && mkdir snapshots/0000 && echo -n 8e2b > refs/main");

        var result = await CliProcess.RunAsync(
            ("HF_HUB_CACHE", _made.PathOf("cache")), "models", "push", "org/scaling", "m", "--store", _served.Path);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["model.onnx", "model.sha256"], StoredFiles());
    }

    [Fact]
    public async Task Labels_ThatFitAnOutput_BecomeThoseOfTheVersion()
    {
        var fits = await PushAsync(["hub", "onnx", "model.onnx"], "--labels", _made.PathOf("labels"));
        _made.Write("a\nb\n", "labels");
        var wrong = await PushAsync(["hub", "onnx", "model.onnx"], "--labels", _made.PathOf("labels"));

        Assert.True(fits.ExitCode == 0, fits.Error);
        Assert.Equal("a\nb\nc\nd\n", await File.ReadAllTextAsync(_served.PathOf("m", "1", "labels.txt")));
        _served.Shell("m/1", "sha256sum --check --strict model.sha256");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("has 2 labels, but no output has as many scores per item", wrong.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m", "2")));
    }

    /// <summary>The model needs an even number of values, but its smallest shape has one value.</summary>
    [Theory]
    [InlineData("--sample", "{\"features\":[[1,2]]}")]
    [InlineData("--sample", "[[1,2]]")]
    [InlineData("--sample", "file")]
    [InlineData("--shape", "x=3,4")]
    public async Task SampleOrShape_InPlaceOfTheSmallestZeros_IsTheInputOfTheTrial(string option, string value)
    {
        const string Pairs = "in x f32[n,t]; const shape i64[2] -1 2; y = Reshape(x, shape); out y f32[m,2]";
        _made.Write(OnnxText.Compile(Pairs), "pairs", "model.onnx");
        _made.Write("{\"features\":[[1,2]]}", "sample.json");

        var plain = await PushAsync(["pairs"]);
        var tried = await PushAsync(["pairs"], option, value == "file" ? _made.PathOf("sample.json") : value);

        Assert.Equal(1, plain.ExitCode);
        Assert.Contains(". Pass a request with --sample, or other shapes with --shape.", plain.Error, StringComparison.Ordinal);
        Assert.True(tried.ExitCode == 0, tried.Error);
    }

    [Theory]
    [InlineData("--sample is not a valid request for this model: ", "--sample", "{\"features\":[1,2]}")]
    [InlineData("--shape \"y=1,4\" does not fit an input. The inputs are x [1,4].", "--shape", "y=1,4")]
    [InlineData("--shape \"x=1,5\" does not fit an input. The inputs are x [1,4].", "--shape", "x=1,5")]
    [InlineData("--sample is not JSON: ", "--sample", "{\"features\":[1,2}")]
    [InlineData("--sample is not a valid request for this model: ", "--sample", "\"Marie\"")]
    [InlineData("\"nowhere.json\", which --sample names, does not exist.", "--sample", "nowhere.json")]
    [InlineData("--load-only, --sample and --shape exclude each other", "--load-only", "--sample", "{}")]
    public async Task Trial_WithWrongInputs_DescribesTheInputs(string message, params string[] options)
    {
        var result = await PushAsync(["hub", "onnx", "model.onnx"], options);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    /// <summary>The model itself is right, but a server would serve it without its task, or not at all.</summary>
    [Theory]
    [InlineData("config.json", "{\n  \"architectures\": [\"BertModel\"],\n}", "config.json\" is not valid JSON: ", "at line 3, byte 1.")]
    [InlineData("config.json", "[]", "config.json:1:1: $: This is not a JSON object.")]
    [InlineData("config.json", "{\n  \"architectures\": \"BertModel\"\n}", "config.json:2:20: $.architectures: This is a string; an array is expected.")]
    [InlineData("config.json", "{\"architectures\":[\"BertForSequenceClassification\"],\n\"id2label\":{\"1\":\"a\"}}", "config.json:2:12: $.id2label: ")]
    [InlineData("tokenizer.json", "{\n\"model\": {]}", "tokenizer.json\" is not valid JSON: ", "at line 2, byte 11.")]
    [InlineData("vocab.json", "{\"a\":0", "vocab.json\" is not valid JSON: ")]
    [InlineData("model.json", "{\n  \"task\": 5\n}", "model.json:2:11: $.task: ")]
    [InlineData("config.pbtxt", "max_batch_size: 8\ninput [", "config.pbtxt:2:")]
    [InlineData("labels.txt", "a\nb\n", "labels.txt has 2 labels, but no output has as many scores per item")]
    public async Task Source_WithABrokenFile_IsRefusedByItsPlace(string file, string content, params string[] messages)
    {
        _made.Write(File.ReadAllBytes(_made.PathOf("hub", "onnx", "model.onnx")), "source", "model.onnx");
        _made.Write(content, "source", file);

        foreach (var extent in (string[][])[[], ["--load-only"]])
        {
            var result = await PushAsync(["source"], extent);

            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.All(messages, message => Assert.Contains(message, result.Error, StringComparison.Ordinal));
            Assert.Contains(" again", result.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_served.PathOf("m")));
        }
    }

    [Theory]
    [InlineData("labels.txt")]
    [InlineData("--labels")]
    public async Task Labels_InAnotherEncoding_AreRefusedByTheirPlace(string place)
    {
        _made.Write(File.ReadAllBytes(_made.PathOf("hub", "onnx", "model.onnx")), "source", "model.onnx");
        var path = place == "--labels" ? "latin.txt" : "source/labels.txt";
        _made.Write([.. "a\nb\ncaf"u8, 0xE9, .. "\nd\n"u8], path.Split('/'));

        var result = await PushAsync(["source"], place == "--labels" ? [place, _made.PathOf(path)] : []);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{path}\" is not in UTF-8, at line 3, byte 4.", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    /// <summary>Settings beside the versions apply to the new version, too.</summary>
    [Theory]
    [InlineData("model.json", "{\n  \"bathing\": {}\n}", "model.json:2:14: $.bathing: This key is not known. Did you mean \"batching\"?")]
    [InlineData("config.pbtxt", "max_batch_size: many", "config.pbtxt:1:")]
    public async Task Store_WithBrokenSettings_GetsNoNewVersion(string file, string content, string message)
    {
        _served.Write(content, "m", file);

        var result = await PushAsync(["hub"]);

        Assert.Equal(1, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("m", "1")));
    }

    [Theory]
    [InlineData("identity_float", "proven", "Requests share runs, because it is proven that this changes no result beyond rounding.")]
    [InlineData("quantized", "notProven", "Requests do not share runs: it is not proven that an item's result is independent of the other items.")]
    public async Task Verdict_OfTheBatchContract_IsShown(string model, string contract, string text)
    {
        var shown = await CliProcess.RunSuccessfullyAsync("models", "push", TestModels.Path(model), "m", "--store", _served.Path);
        var json =
            await CliProcess.RunForJsonAsync("models", "push", TestModels.Path(model), "m", "--version", "1", "--store", _served.Path);

        AssertText.Contains(text, shown);
        Assert.Equal(contract, json.GetProperty("batching").GetProperty("contract").GetString());
    }

    [Fact]
    public async Task Push_AfterTheHighestNumber_IsRefused()
    {
        var last = await PushAsync(["model", "1"], "--version", $"{long.MaxValue}");

        var next = await PushAsync(["model_fp16", "1"]);
        var chosen = await PushAsync(["model_fp16", "1"], "--version", "1");

        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Equal(1, next.ExitCode);
        Assert.Contains(
            $"has version {long.MaxValue}, the highest number. Choose a free one with --version.", next.Error, StringComparison.Ordinal);
        Assert.True(chosen.ExitCode == 0, chosen.Error);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("cut")]
    public async Task Push_FileThatChangesMeanwhile_IsNotStored(string changed)
    {
        var weights = _made.PathOf("model", "1", "weights.bin");
        _made.Write("whole", "model", "1", "weights.bin");
        var stored = new List<string>();
        using var store = new HttpDouble(Answer);

        var result = await CliProcess.RunAsync(
            "models", "push", _made.PathOf("model", "1"), "m", "--store", $"{store.Address}/account/models?sig=x");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{weights} changed while it was copied. Push it again when nothing writes to the file.", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(stored, path => Path.GetFileName(path) is "weights.bin" or "model.onnx");

        // The file changes when the command asks whether it is stored. Before, the command has computed the hashes of all files.
        void Answer(HttpListenerContext context)
        {
            var (request, response) = (context.Request, context.Response);
            request.InputStream.CopyTo(Stream.Null);
            var isPut = request.HttpMethod == "PUT";
            if (request.HttpMethod == "HEAD")
                File.WriteAllText(weights, changed);
            else if (isPut && request.QueryString["comp"] == "blocklist")
                stored.Add(request.Url!.AbsolutePath);
            response.StatusCode = isPut ? 201 : 404;
            if (request.QueryString["comp"] != "list")
                return;
            response.StatusCode = 200;
            response.ContentType = "application/xml";
            response.OutputStream.Write("<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>"u8);
        }
    }

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }

    private Task<CliResult> PushAsync(string[] source, params string[] options) =>
        CliProcess.RunAsync(["models", "push", _made.PathOf(source), "m", "--store", _served.Path, .. options]);

    private IEnumerable<string> StoredFiles() => Directory.EnumerateFiles(_served.PathOf("m", "1"), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_served.PathOf("m", "1"), file)).Order(StringComparer.Ordinal);
}
