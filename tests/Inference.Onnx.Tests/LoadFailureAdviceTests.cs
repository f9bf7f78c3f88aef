using System.Text;
using Inference.Models;
using Inference.Testing;

namespace Inference.Onnx.Tests;

public sealed class LoadFailureAdviceTests(OnnxFixture onnx) : IClassFixture<OnnxFixture>
{
    [Theory]
    [InlineData(
        "Exception during initialization: Failed to construct locale with name:en_US.UTF-8:locale::facet::_S_create_c_locale name not valid", "localedef -i en_US -f UTF-8 en_US.UTF-8")]
    [InlineData("Load model from m failed:Fatal error: my.domain:Foo(-1) is not a registered function/op",
        "operator \"Foo\" is in the domain \"my.domain\"")]
    [InlineData("Load model from m failed:Fatal error: com.microsoft:Foo(-1) is not a registered function/op", "cannot run the operator \"Foo\" on a CPU")]
    [InlineData("Load model from m failed:Fatal error: ai.onnx.contrib:Foo(-1) is not a registered function/op", "Extensions has no operator \"Foo\"")]
    [InlineData("Error No Op registered for Foo with domain_version of 17", "no operator \"Foo\" in opset 17 of its domain")]
    [InlineData(
        "Opset 99 is under development and support for this is limited. Current official support for domain ai.onnx is till opset 26.",
        "opset 26 or lower")]
    [InlineData("Unsupported model IR version: 99, max supported IR version: 13", "ir_version 13 or lower")]
    [InlineData("External data path does not exist: \"/models/m/weights.bin\"", "The file \"weights.bin\", which holds weights")]
    [InlineData("Could not find an implementation for Conv(11) node with name 'c'", "Convert the model to FP32")]
    [InlineData("Unregistered TensorElementType value of: DataTypeMax", "such as FP8: insert a Cast to a common type")]
    [InlineData("std::bad_alloc", "not enough memory")]
    public void Advise_KnownMessage_ReturnsAdvice(string reason, string advice) =>
        AssertText.Contains(advice, LoadFailureAdvice.Advise(reason, new ModelFiles("model.onnx", LabelsPath: null)));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("<!DOCTYPE html><html></html>", "an HTML page")]
    [InlineData("\n<html>", "an HTML page")]
    [InlineData("{\"error\":\"not found\"}", "is JSON")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "git lfs pull")]
    [InlineData("PK\u0003\u0004....", "a ZIP archive")]
    [InlineData("GGUF....", "GGUF")]
    [InlineData("not a model", "The file is text, not an ONNX model: it begins with \"not a model\"")]
    public async Task LoadAsync_FileIsSomethingElse_NamesItsType(string content, string advice)
    {
        var exception = await LoadAsync(Encoding.Latin1.GetBytes(content));

        Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
        AssertText.Contains(advice, exception.Message);
    }

    /// <summary>In protobuf, the number of a field has at most 29 bits.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LoadAsync_FieldHasTooLargeANumber_IsARefusalOfTheFile(bool isAppended)
    {
        byte[] field = [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x01];
        byte[] model = isAppended ? await File.ReadAllBytesAsync(TestModels.Path("slow")) : [];

        var exception = await LoadAsync([.. model, .. field]);

        Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
        Assert.StartsWith("Model file/1 does not load: ONNX Runtime ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in a\0b f32[n,2]; y = Relu(a\0b); out y f32[n,2]", "the name \"a\\0b\" of an input or output")]
    [InlineData("in x f32[n,2]; y\0 = Relu(x); out y\0 f32[n,2]", "the name \"y\\0\" of an input or output")]
    public async Task LoadAsync_NameWithNul_IsRefusedWithTheName(string graph, string expected)
    {
        var exception = await LoadAsync(OnnxText.Compile(graph));

        Assert.Equal((InferenceError.ModelUnavailable, FailureCause.Files), (exception.Error, exception.Cause));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_FileIsCutOff_SaysThatItIsNotWhole()
    {
        var bytes = await File.ReadAllBytesAsync(TestModels.Path("slow"));

        var exception = await LoadAsync(bytes[..(bytes.Length / 2)]);

        Assert.Contains($"is incomplete: it has {bytes.Length / 2} bytes", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("<!DOCTYPE html><html></html>", "an HTML page")]
    [InlineData("<?xml version=\"1.0\"?><net/>", "XML")]
    [InlineData("[1,2]", "is JSON")]
    [InlineData("{\"learner\":{}}", "XGBoost")]
    [InlineData("/annex/objects/MD5-x", "git annex get")]
    [InlineData("tree\nversion=v4\n", "LightGBM")]
    [InlineData("../models/model.onnx", "begins with \"../models/model.onnx\"")]
    [InlineData("\u00ff\u00fem\u0000", "is text")]
    [InlineData("Gr\u00c3\u00bc\u00c3\u009fe", "is text")]
    [InlineData("\u0089PNG\r\n\u001a\n\0\0", "a PNG image")]
    [InlineData("\u00ff\u00d8\u00ff\u00e0\0\u0010JFIF", "a JPEG image")]
    [InlineData("RIFF\u0001\0\0\0WEBPVP8 ", "a WebP image")]
    [InlineData("%PDF-1.7\n", "a PDF document")]
    [InlineData("\u001f\u008b\u0008\0", "compressed with gzip")]
    [InlineData("BZh91AY", "compressed with bzip2")]
    [InlineData("\u00fd7zXZ\0", "compressed with xz")]
    [InlineData("(\u00b5/\u00fd\0", "compressed with zstd")]
    [InlineData("PK\u0003\u0004....", "a ZIP archive")]
    [InlineData("PK\u0003\u0004m/data.pkl....m/code/x.py....m/constants.pkl", "a TorchScript archive")]
    [InlineData("PK\u0003\u0004archive/data.pkl....archive/version", "a PyTorch checkpoint")]
    [InlineData("PK\u0003\u0004config.json....model.weights.h5", "a Keras model")]
    [InlineData("PK\u0003\u0004arr_0.npy", "NumPy arrays")]
    [InlineData("PK\u0003\u0004net/model.onnx", "an ONNX model in it")]
    [InlineData("\u0080\u0004\u0095\u0010\0", "a Python pickle")]
    [InlineData("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.", "a PyTorch checkpoint")]
    [InlineData("x\u009c\u0001", "joblib")]
    [InlineData("\u0089HDF\r\n", "HDF5")]
    [InlineData("\u0093NUMPY\u0001\0", "a NumPy array")]
    [InlineData("\u001c\0\0\0TFL3", "a TensorFlow Lite model")]
    [InlineData("\u001c\0\0\0ORTM", "the .onnx file that it was made from")]
    [InlineData("\u0010\0\0\0\0\0\0\0{\"w\":{}}", "a safetensors file")]
    [InlineData("\u007fELF\u0002", "for Linux")]
    [InlineData("\0\0\0\0\0\0\0\0", "begins with zeros")]
    [InlineData("\u00c0\u00c1\u00c2\u00c3", "an unknown format")]
    [InlineData("\u0008\u0001\u0012\u0004\n\u0002\u0012\0", "a TensorFlow SavedModel")]
    [InlineData("\u0008\u0005\u0012\u0004\n\u0002\n\0", "a Core ML model")]
    [InlineData("\n\u000a\n\u0001x\u0012\u0005Const", "a TensorFlow graph")]
    [InlineData("\n\u0019\n\u0001x\u0012\u0005Const\"\u000d/device:CPU:0", "a TensorFlow graph")]
    [InlineData("\n\u000c\n\u0001x\u0012\u0001y\"\u0004Relu\u0012\u0001g", "an ONNX graph without its model")]
    [InlineData("\n\u000d\u0012\u0001y\"\u0008Constant\u0012\u0001g", "an ONNX graph without its model")]
    [InlineData("\n\u00ff\u0001\n\u0001x\u0012\u0001y\"\u0004Relu*\u0001", "an ONNX graph without its model")]
    [InlineData("\n\u0008\n\u0001x\u0015\0\0\0\0", "SentencePiece")]
    [InlineData("\u0008\u0002\u0008\u0080\u0001\u0010\u0001J\u0001x", "a tensor in ONNX")]
    [InlineData("\u0008\u0002\u0018\u0001", "a protobuf message of an unknown kind")]
    [InlineData("\u0008\u0008", "has no graph, so it is not a complete ONNX model: it has 2 bytes")]
    [InlineData("\u0008\u0008\u0012\u0007pytorch", "has no graph")]
    [InlineData("\u0008", "is incomplete: it has 1 byte.")]
    [InlineData("\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "an unknown format")]
    [InlineData("\u0008\u0008\u003a\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "is incomplete: it has 12 bytes")]
    public async Task FindProblemAsync_FileIsNoModel_NamesItsType(string content, string problem)
    {
        using var file = new MemoryStream(Encoding.Latin1.GetBytes(content));

        AssertText.Contains(problem, await ModelFileKind.FindProblemAsync(file, CancellationToken.None));
    }

    /// <summary>What follows may look like the fields of a protobuf message, however many.</summary>
    [Theory]
    [InlineData("\u0089PNG\r\n\u001a\n", "a PNG image")]
    [InlineData("\u00ff\u00d8\u00ff\u00e0\0\u0010JFIF", "a JPEG image")]
    [InlineData("GIF89a", "a GIF image")]
    [InlineData("\u001f\u008b", "compressed with gzip")]
    [InlineData("\u0089HDF\r\n", "HDF5")]
    [InlineData("PK\u0003\u0004", "a ZIP archive")]
    [InlineData("\u0093NUMPY\u0001\0", "a NumPy array")]
    public async Task FindProblemAsync_FirstBytesOfAFormatBeforeAnything_NamesTheFormat(string start, string problem)
    {
        foreach (var suffix in (string[])["", "A", "\0", "\u0008\u0001", "\u00d8\u0001\0", ":\0", "\u0012\u0001x"])
        {
            foreach (var times in (int[])[1, 7, 100, 5000])
            {
                for (var filling = 0; filling < 10; filling++)
                {
                    var content = start + new string('x', filling) + string.Concat(Enumerable.Repeat(suffix, times));
                    using var file = new MemoryStream(Encoding.Latin1.GetBytes(content));

                    AssertText.Contains(problem, await ModelFileKind.FindProblemAsync(file, CancellationToken.None));
                }
            }
        }
    }

    [Fact]
    public async Task FindProblemAsync_GraphOfManyNodes_IsReported()
    {
        using var file = new MemoryStream(Encoding.Latin1.GetBytes(
            string.Concat(Enumerable.Repeat("\n\u000c\n\u0001x\u0012\u0001y\"\u0004Relu", 2000)) + "\u0012\u0001g"));

        Assert.Contains(
            "without its model", await ModelFileKind.FindProblemAsync(file, CancellationToken.None), StringComparison.Ordinal);
    }

    /// <summary>A model that is shown as failed must not load.</summary>
    [Fact]
    public async Task FindProblemAsync_EveryTestModelAndItsHalf_OnlyTheHalfHasOne()
    {
        var models = Directory.GetFiles(Path.GetDirectoryName(TestModels.Path("slow"))!, "*.onnx");
        Assert.True(models.Length > 50, $"{models.Length} models are found.");
        foreach (var model in models)
        {
            var bytes = await File.ReadAllBytesAsync(model);
            using var whole = new MemoryStream(bytes);
            using var half = new MemoryStream(bytes[..(bytes.Length / 2)]);

            Assert.Null(await ModelFileKind.FindProblemAsync(whole, CancellationToken.None));
            Assert.Contains("is incomplete", await ModelFileKind.FindProblemAsync(half, CancellationToken.None), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task LoadAsync_SystemLacksTheLocale_SaysHowToInstallIt()
    {
        var exception = await Assert.ThrowsAsync<InferenceException>(() => onnx.LoadAsync("no_locale"));

        Assert.Contains("locale \"xx_XX.UTF-8\"", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("upper", "onnxruntime-extensions")]
    [InlineData("pair", "")]
    public async Task LoadAsync_OperatorsOfExtensions_LoadTheirLibraryOnlyThen(string model, string libraries)
    {
        await using var session = await onnx.LoadAsync(model);

        Assert.Equal(libraries, string.Join(',', session.OperatorLibraries));
    }

    private async Task<InferenceException> LoadAsync(byte[] content)
    {
        using var folder = new TempFolder();
        var path = folder.Combine("model.onnx");
        await File.WriteAllBytesAsync(path, content);
        return await Assert.ThrowsAsync<InferenceException>(() => onnx.LoadFileAsync(path));
    }
}
