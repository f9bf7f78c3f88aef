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
        Assert.Contains("5 files of other variants, formats and tools are not pushed.", result.Error, StringComparison.Ordinal);
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
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
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
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
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
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("has 2 labels, but no output has as many scores for an item", wrong.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m", "2")));
    }

    /// <summary>The model needs an even number of values, but its smallest shape has one value.</summary>
    [Theory]
    [InlineData("--sample", "{\"features\":[[1,2]]}")]
    [InlineData("--sample", "file")]
    [InlineData("--shape", "x=3,4")]
    public async Task SampleOrShape_InPlaceOfTheSmallestZeros_IsWhatTheModelIsTriedWith(string option, string value)
    {
        const string Pairs = "in x f32[n,t]; const shape i64[2] -1 2; y = Reshape(x, shape); out y f32[m,2]";
        _made.Write(OnnxText.Compile(Pairs), "pairs", "model.onnx");
        _made.Write("{\"features\":[[1,2]]}", "sample.json");

        var plain = await PushAsync(["pairs"]);
        var tried = await PushAsync(["pairs"], option, value == "file" ? _made.PathOf("sample.json") : value);

        Assert.Equal(1, plain.ExitCode);
        Assert.Contains("Give it a request with --sample or other shapes with --shape.", plain.Error, StringComparison.Ordinal);
        Assert.True(tried.ExitCode == 0, tried.Error);
    }

    [Theory]
    [InlineData(1, "--sample is no request of this model: ", "--sample", "{\"features\":[1,2]}")]
    [InlineData(1, "--shape y=1,4 is no shape of an input: the inputs are x [1,4].", "--shape", "y=1,4")]
    [InlineData(1, "--shape x=1,5 is no shape of an input: the inputs are x [1,4].", "--shape", "x=1,5")]
    [InlineData(2, "--sample is not JSON: ", "--sample", "{\"features\":[1,2}")]
    [InlineData(2, "There is no file nowhere.json, which --sample names.", "--sample", "nowhere.json")]
    [InlineData(2, "--load-only, --sample and --shape exclude each other", "--load-only", "--sample", "{}")]
    public async Task Trial_WithWrongInputs_SaysWhatTheModelTakes(int exitCode, string message, params string[] options)
    {
        var result = await PushAsync(["hub", "onnx", "model.onnx"], options);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m")));
    }

    [Theory]
    [InlineData("identity_float", "proven", "Requests share runs: it is proven that this changes no answer.")]
    [InlineData("quantized", "notProven", "Requests do not share runs: independence is not proven.")]
    public async Task Verdict_OfTheBatchContract_IsShown(string model, string contract, string text)
    {
        var shown = await CliProcess.RunSuccessfullyAsync("models", "push", TestModels.Path(model), "m", "--store", _served.Path);
        var json = await CliProcess.RunForJsonAsync("models", "push", TestModels.Path(model), "m", "--version", "1", "--store", _served.Path);

        Assert.Contains(text, shown, StringComparison.Ordinal);
        Assert.Equal(contract, json.GetProperty("batching").GetProperty("contract").GetString());
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
