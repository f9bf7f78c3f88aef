using System.Text;
using Inference.Models.Settings;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests.Trust;

public sealed class ModelManifestTests
{
    private static readonly string Digest = new('a', 64);

    [Fact]
    public void Parse_OutputOfSha256sum_IsAccepted()
    {
        var manifest = Parse($"{Digest}  model.onnx\n{Digest.ToUpperInvariant()} *data/weights 1.bin\r\n{Digest}  ./labels.txt\n");

        Assert.Equal(
            [new ManifestEntry("model.onnx", Digest, 1), new ManifestEntry("data/weights 1.bin", Digest, 2),
                new ManifestEntry("labels.txt", Digest, 3)],
            manifest.Entries.AsEnumerable());
    }

    [Theory]
    [InlineData("", "model.sha256:1:1: This is not a line of sha256sum")]
    [InlineData("aa  model.onnx", "model.sha256:1:1: This is not a line of sha256sum")]
    [InlineData("%  model.onnx\n\n%  x", "model.sha256:2:1: This is not a line of sha256sum")]
    [InlineData("% model.onnx", "This is not a line of sha256sum")]
    [InlineData("\\%  model\\nonnx", "This is not a line of sha256sum")]
    [InlineData("%  labels.txt", "model.sha256: model.onnx is not listed, and neither is another model file.")]
    [InlineData("%  model.onnx\n%  Model.onnx", "model.sha256:2:67: \"Model.onnx\" is listed twice.")]
    [InlineData("%  ../model.onnx", "model.sha256:1:67: \"../model.onnx\" is not a file of the version's folder")]
    [InlineData("%  a/../../model.onnx", "is not a file of")]
    [InlineData("%  /etc/passwd", "\"/etc/passwd\" is not a file of")]
    [InlineData("%  C:model.onnx", "is not a file of")]
    [InlineData("%  a\\model.onnx", "is not a file of")]
    [InlineData("%  a//b", "is not a file of")]
    [InlineData("%  a/.", "is not a file of")]
    [InlineData("%  a/", "is not a file of")]
    [InlineData("%  a\u0001b", "is not a file of")]
    public void Parse_Bad_NamesTheProblemAndItsPosition(string text, string expected)
    {
        var problem = Assert.Single(ProblemsOf(text.Replace("%", Digest, StringComparison.Ordinal)));

        AssertText.Contains(expected, problem.ToString());
    }

    [Fact]
    public void Parse_ManyErrors_ReportsAll() =>
        Assert.Equal([1, 2, 4], ProblemsOf($"x\n{Digest}  ../y\n{Digest}  model.onnx\nz").Select(problem => problem.Line));

    [Fact]
    public void Parse_TooLarge_IsRefused() =>
        Assert.Contains(
            "at most 1048576", Assert.Single(ProblemsOf(new string('x', ModelManifest.MaxSize + 1))).Message, StringComparison.Ordinal);

    private static ModelManifest Parse(string text) => ModelManifest.Parse(Encoding.UTF8.GetBytes(text));

    private static IReadOnlyList<FileProblem> ProblemsOf(string text) => Assert.Throws<FileProblemsException>(() => Parse(text)).Problems;
}
