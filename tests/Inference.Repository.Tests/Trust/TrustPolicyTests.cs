using System.Security.Cryptography;
using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests.Trust;

public sealed class TrustPolicyTests : IDisposable
{
    private static readonly ModelId Id = TestModels.Id("m", 3);

    private readonly TempFolder _folder = new();

    public TrustPolicyTests()
    {
        Directory.CreateDirectory(_folder.Combine("m", "3"));
        Write("model.onnx", "the model");
        Write("weights.bin", "the weights");
    }

    private static TrustPolicy Manifested => new(RequireManifest: true, PublicKeyPem: null);

    [Fact]
    public async Task VerifyAsync_NoManifest_PassesUnlessOneIsRequired()
    {
        await TrustPolicy.Default.VerifyAsync(Id, new ModelFiles(PathOf("model.onnx"), LabelsPath: null), CancellationToken.None);

        await AssertRefusedAsync(
            Manifested,
            "Model m/3 is not trusted: it has no model.sha256 beside model.onnx, which Models__RequireManifest requires. "
            + "Create it with sha256sum in the version's folder.");
    }

    [Fact]
    public async Task VerifyAsync_RightDigests_Passes()
    {
        WriteManifest("model.onnx", "weights.bin");

        await TrustPolicy.Default.VerifyAsync(Id, new ModelFiles(PathOf("model.onnx"), LabelsPath: null), CancellationToken.None);
        await Manifested.VerifyAsync(Id, new ModelFiles(PathOf("model.onnx"), LabelsPath: null), CancellationToken.None);
    }

    [Fact]
    public async Task VerifyAsync_FilesDiffer_RefusesWithAllThatDiffers()
    {
        WriteManifest("model.onnx", "weights.bin");
        Write("model.onnx", "another model");
        Write("planted.bin", "");

        await AssertRefusedAsync(
            TrustPolicy.Default, "model.sha256:1:1: \"model.onnx\" has the digest", "\"planted.bin\" is in the folder, but not listed");
    }

    [Theory]
    [InlineData("nonsense", "model.sha256:1:1: This is not a line of sha256sum")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000  ../other", "is not a file of the version's folder")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000  weights.bin", "model.onnx is not listed")]
    [InlineData("", "This is not a line of sha256sum")]
    public async Task VerifyAsync_BadManifest_NamesTheProblem(string manifest, string reason)
    {
        Write(ModelManifest.FileName, manifest);

        await AssertRefusedAsync(TrustPolicy.Default, reason);
    }

    [Fact]
    public async Task VerifyAsync_BareModelFile_CanHaveNoManifest()
    {
        File.WriteAllText(_folder.Combine("m.onnx"), "bare");
        File.WriteAllText(_folder.Combine(ModelManifest.FileName), "of no model");

        await TrustPolicy.Default.VerifyAsync(Id, new ModelFiles(_folder.Combine("m.onnx"), LabelsPath: null), CancellationToken.None);
        await AssertRefusedAsync(Manifested, ["it has no model.sha256"], _folder.Combine("m.onnx"));
    }

    [Theory]
    [InlineData("labels.txt", "../../secret", "leads out of the model's folder")]
    [InlineData("data", "../..", "leads out of the model's folder")]
    [InlineData("labels.txt", "nothing", "leads nowhere")]
    [InlineData("loop", "loop", "leads nowhere")]
    public async Task VerifyAsync_ALinkLeadsOut_IsRefused(string name, string target, string reason)
    {
        File.WriteAllText(_folder.Combine("secret"), "");
        File.CreateSymbolicLink(PathOf(name), target);

        await AssertRefusedAsync(TrustPolicy.Default, $"\"{name}\"", reason);
    }

    [Fact]
    public async Task VerifyAsync_ModelOfAnotherServer_HasNoManifestAndNoLinkOut()
    {
        var settings = _folder.Combine("m", "model.json");
        File.WriteAllText(settings, "{}");
        await TrustPolicy.Default.VerifyAsync(Id, new ModelFiles(settings, LabelsPath: null), CancellationToken.None);
        await AssertRefusedAsync(Manifested, ["it has no model.sha256"], settings);

        File.CreateSymbolicLink(_folder.Combine("m", "labels.txt"), "../secret");
        File.WriteAllText(_folder.Combine("secret"), "");
        await AssertRefusedAsync(TrustPolicy.Default, ["\"labels.txt\"", "leads out of the model's folder"], settings);
    }

    [Fact]
    public async Task VerifyAsync_LinksStayInTheFolder_Passes()
    {
        // The links are those of a mounted Kubernetes volume, and one link that leads back into the folder. The folder itself is also
        // reached by a link.
        Directory.CreateDirectory(PathOf("..2026"));
        File.Move(PathOf("weights.bin"), PathOf("..2026/weights.bin"));
        Directory.CreateSymbolicLink(PathOf("..data"), "..2026");
        File.CreateSymbolicLink(PathOf("weights.bin"), "..data/weights.bin");
        Directory.CreateSymbolicLink(PathOf("circle"), ".");
        Directory.CreateSymbolicLink(_folder.Combine("linked"), PathOf(""));

        await TrustPolicy.Default.VerifyAsync(Id, new ModelFiles(PathOf("model.onnx"), LabelsPath: null), CancellationToken.None);
        await TrustPolicy.Default.VerifyAsync(
            Id, new ModelFiles(_folder.Combine("linked", "model.onnx"), LabelsPath: null), CancellationToken.None);
    }

    public void Dispose() => _folder.Dispose();

    private async Task AssertRefusedAsync(TrustPolicy policy, params string[] reasons) =>
        await AssertRefusedAsync(policy, reasons, PathOf("model.onnx"));

    private static async Task AssertRefusedAsync(TrustPolicy policy, string[] reasons, string path)
    {
        var error = await Assert.ThrowsAsync<InferenceException>(() =>
            policy.VerifyAsync(Id, new ModelFiles(path, LabelsPath: null), CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.All(reasons, reason => Assert.Contains(reason, error.Message, StringComparison.Ordinal));
    }

    private string PathOf(string name) => _folder.Combine("m", "3", name);

    private void Write(string name, string content) => File.WriteAllText(PathOf(name), content);

    private void WriteManifest(params string[] names) => Write(ModelManifest.FileName, string.Concat(names.Select(name =>
        $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PathOf(name))))}  {name}\n")));
}
