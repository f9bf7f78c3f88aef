using Azure;
using Inference.Azure.Models;
using Inference.Models;
using Inference.Testing;

namespace Inference.Azure.Tests.Models;

public sealed class BlobLayoutTests
{
    [Theory]
    [InlineData("digits/1/model.onnx", "digits/1: model.onnx")]
    [InlineData("digits/00000123/model.onnx digits/00000123/labels.txt", "digits/123: model.onnx labels.txt")]
    [InlineData("digits/1/model_quantized.onnx", "digits/1: model_quantized.onnx")]
    [InlineData("digits/1/onnx/model.onnx digits/1/config.json", "digits/1: onnx/model.onnx config.json")]
    [InlineData("digits/1/model.onnx digits/1/labels.txt digits/1/deep/w.bin", "digits/1: model.onnx labels.txt deep/w.bin")]
    [InlineData("digits/2/model.onnx digits/10/model.onnx", "digits/2: model.onnx | digits/10: model.onnx")]
    [InlineData("digits.onnx", "digits/1: digits.onnx")]
    [InlineData("digits.onnx digits.onnx.data digits.onnx_data", "digits/1: digits.onnx digits.onnx.data digits.onnx_data")]
    [InlineData("digits.onnx digits/2/model.onnx", "digits/2: model.onnx | digits/1: digits.onnx")]
    [InlineData(
        "digits/onnx/model.onnx digits/onnx/model.onnx_data digits/onnx/model_q4.onnx digits/config.json digits/1_Pooling/config.json "
        + "digits/model.json digits/model.safetensors",
        "digits/1: onnx/model.onnx onnx/model.onnx_data config.json 1_Pooling/config.json")]
    [InlineData("digits/model.onnx digits/vocab.txt", "digits/1: model.onnx vocab.txt")]
    [InlineData("digits/model.onnx digits/2/model.onnx", "digits/2: model.onnx")]
    [InlineData("a.onnx a.onnx.onnx a.onnx.onnx.data a.onnx.data", "a/1: a.onnx a.onnx.data | a.onnx/1: a.onnx.onnx a.onnx.onnx.data")]
    public void Group_Blobs_MakesVersions(string blobs, string expected) => Assert.Equal(expected, Describe(blobs));

    [Theory]
    [InlineData("readme.txt")]
    [InlineData("digits/labels.txt")]
    [InlineData("digits/1/labels.txt")]
    [InlineData("digits/1/deep/model.onnx")]
    [InlineData("digits/0/model.onnx")]
    [InlineData("digits/-1/model.onnx")]
    [InlineData("digits/v1/model.onnx")]
    [InlineData("digits/99999999999999999999/model.onnx")]
    [InlineData("digits//model.onnx")]
    [InlineData("/1/model.onnx")]
    [InlineData("../1/model.onnx")]
    [InlineData(".digits/1/model.onnx")]
    [InlineData(".onnx")]
    [InlineData("digits.onnx.data")]
    public void Group_NoVersion_HasNone(string blobs) => Assert.Equal("", Describe(blobs));

    [Theory]
    [InlineData("digits/7/model.onnx digits/007/model.onnx", "\"digits/007\" and \"digits/7\" are both version 7")]
    [InlineData("digits/1/model.pt", "\"model.pt\" is a PyTorch model")]
    [InlineData("digits/1/a.onnx digits/1/b.onnx", "several model files: \"a.onnx\", \"b.onnx\"")]
    [InlineData("digits/v1/onnx/model.onnx", "its name is not a version")]
    [InlineData("digits.onnx digits/onnx/model.onnx", "\"digits.onnx\" and \"digits/onnx/model.onnx\" are both version 1")]
    [InlineData("my+digits/1/model.onnx", "\"my+digits\" is not the name of a model")]
    [InlineData("DIGITS.ONNX", "\"DIGITS.ONNX\" is not served")]
    [InlineData("digits.onnx digits/1/model.onnx", "\"digits.onnx\" and \"digits/1/model.onnx\" are both version 1")]
    [InlineData("model.pt", "\"model.pt\" is a PyTorch model")]
    public void AddMisplaced_UnexpectedFile_IsAProblem(string blobs, string reason)
    {
        ListedBlob[] listed = [.. blobs.Split(' ').Select(Blob)];
        var problems = new List<ListedProblem>();

        var versions = BlobLayout.GroupIntoVersions(listed, new Dictionary<ModelName, string?>(), problems);
        BlobLayout.AddMisplacedProblems(listed, versions, problems);

        Assert.Empty(versions);
        AssertText.Contains(reason, Assert.Single(problems).Reason);
    }

    [Fact]
    public void Group_SettingsNameAMissingFile_IsAProblemThatListsTheFiles()
    {
        ListedBlob[] listed = [Blob("digits/1/model.onnx"), Blob("digits/1/other.onnx"), Blob("digits/model.json")];
        var problems = new List<ListedProblem>();

        var versions =
            BlobLayout.GroupIntoVersions(
                listed, new Dictionary<ModelName, string?> { [ModelName.Parse("digits")] = "otherr.onnx" }, problems);

        Assert.Equal([ModelName.Parse("digits")], BlobLayout.FindModelsDependingOnSettings(listed));
        Assert.Empty(versions);
        Assert.Contains("has no \"otherr.onnx\"", Assert.Single(problems).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_OtherOrder_SameTag()
    {
        var (first, second) = (Blob("digits/1/model.onnx"), Blob("digits/1/labels.txt"));

        Assert.Equal(Tag(first, second), Tag(second, first));
    }

    [Fact]
    public void Describe_KnownBlobs_TagOfEveryProcess() =>
        // After a restart, this tag identifies the cached files.
        Assert.Equal("2cbf2f8ac359fcf7c0db4c4860dd9948", Tag(Blob("digits/1/model.onnx"), Blob("digits/1/labels.txt")));

    [Fact]
    public void Describe_AnyChange_OtherTag()
    {
        var (model, labels) = (Blob("digits/1/model.onnx"), Blob("digits/1/labels.txt"));
        string[] tags =
        [
            Tag(model),
            Tag(model, labels),
            Tag(model, labels with { ETag = new ETag("\"other\"") }),
            Tag(model, labels with { Length = 8 }),
            Tag(model, labels with { Path = "digits/1/labels.tx_" }),
        ];

        Assert.Equal(tags.Length, tags.Distinct().Count());
    }

    private static string Describe(string blobs) => string.Join(
        " | ",
        BlobLayout.GroupIntoVersions([.. blobs.Split(' ').Select(Blob)], new Dictionary<ModelName, string?>(), [])
            .Select(version => $"{version.Id}: {string.Join(' ', version.Blobs.Select(version.GetRelativeName))}"));

    private static string Tag(params ListedBlob[] blobs) =>
        Assert.Single(BlobLayout.GroupIntoVersions(blobs, new Dictionary<ModelName, string?>(), [])).ToModelVersion().Tag;

    private static ListedBlob Blob(string path) => new(path, new ETag("\"0x1\""), 7, null);
}
