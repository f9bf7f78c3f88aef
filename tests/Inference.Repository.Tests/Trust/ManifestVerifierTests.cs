using System.Security.Cryptography;
using System.Text;
using Inference.Models.Settings;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests.Trust;

public sealed class ManifestVerifierTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ManifestVerifierTests()
    {
        Directory.CreateDirectory(_folder.Combine("version", "data"));
        Write("model.onnx", new string('m', 300_000));
        Write("data/weights.bin", "weights");
        Write("empty", "");
    }

    [Fact]
    public async Task VerifyAsync_FolderIsUnchanged_FindsNothing()
    {
        var manifest = List("model.onnx", "data/weights.bin", "empty");
        Write(ModelManifest.FileName, "the manifest itself");
        Write(ModelManifest.SignatureFileName, "and its signature");
        Write(SignedStatement.VersionFileName, "a statement");

        Assert.Empty(await Verify(manifest));
    }

    [Fact]
    public async Task VerifyAsync_FilesDiffer_ReportsAll()
    {
        var manifest = List("model.onnx", "data/weights.bin", "empty");
        Write("model.onnx", new string('m', 299_999) + "M");
        File.Delete(PathOf("empty"));
        Write("data/other.bin", "other");

        var problems = await Verify(manifest);

        Assert.Equal([1, 3, 0], problems.Select(problem => problem.Line));
        Assert.Contains("\"model.onnx\" has the digest", problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("\"empty\" is listed, but the folder has no such file", problems[1].Message, StringComparison.Ordinal);
        Assert.Contains("\"data/other.bin\" is in the folder, but not listed", problems[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyAsync_AFileBecomesALinkToTheSameBytes_IsRefused()
    {
        var manifest = List("model.onnx", "data/weights.bin", "empty");
        File.Move(PathOf("model.onnx"), _folder.Combine("elsewhere"));
        File.CreateSymbolicLink(PathOf("model.onnx"), _folder.Combine("elsewhere"));

        var problems = await Verify(manifest);

        Assert.Contains(problems, problem => problem.Message.Contains("\"model.onnx\" is a link", StringComparison.Ordinal));
    }

    [Fact]
    public async Task VerifyAsync_AFolderBecomesALink_IsRefusedUnread()
    {
        var manifest = List("model.onnx", "data/weights.bin", "empty");
        Directory.Move(PathOf("data"), _folder.Combine("elsewhere"));
        Directory.CreateSymbolicLink(PathOf("data"), _folder.Combine("elsewhere"));
        Directory.CreateSymbolicLink(PathOf("cycle"), PathOf("."));

        var messages = (await Verify(manifest)).Select(problem => problem.Message).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(3, messages.Count);
        Assert.StartsWith("\"cycle\" is a link", messages[0], StringComparison.Ordinal);
        Assert.StartsWith("\"data\" is a link", messages[1], StringComparison.Ordinal);
        Assert.StartsWith("\"data/weights.bin\" is listed, but the folder has no such file", messages[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyAsync_Cancelled_Stops() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ManifestVerifier.VerifyAsync(
                List("model.onnx", "data/weights.bin", "empty"), PathOf("."), new CancellationToken(canceled: true)));

    public void Dispose() => _folder.Dispose();

    private ModelManifest List(params string[] names) => ModelManifest.Parse(Encoding.UTF8.GetBytes(string.Concat(
        names.Select(name => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PathOf(name))))}  {name}\n"))));

    private Task<IReadOnlyList<FileProblem>> Verify(ModelManifest manifest) =>
        ManifestVerifier.VerifyAsync(manifest, _folder.Combine("version"), CancellationToken.None);

    private string PathOf(string name) => _folder.Combine("version", name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);
}
