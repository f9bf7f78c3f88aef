using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests;

/// <summary>
/// Tests the folder layouts of exporters and other servers: the versions that are served, and the problems that are reported.
/// </summary>
public sealed class ModelLayoutTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string Model => TestModels.Path("scalar");

    [Theory]
    [InlineData("m/00000123/model.onnx", "m/123", "m/00000123/model.onnx")]
    [InlineData("m/1/model_quantized.onnx", "m/1", "m/1/model_quantized.onnx")]
    [InlineData("m/1/onnx/model.onnx", "m/1", "m/1/onnx/model.onnx")]
    [InlineData("m/1/model.onnx m/1/onnx/model_fp16.onnx m/1/other.onnx", "m/1", "m/1/model.onnx")]
    [InlineData("m/1/._model.onnx m/1/x.onnx", "m/1", "m/1/x.onnx")]
    [InlineData("m/1/a.onnx m/1/b.onnx m/model.json={\"file\":\"b.onnx\"}", "m/1", "m/1/b.onnx")]
    [InlineData("m/1/model.onnx m/1/b.onnx m/model.json={\"file\":\"b.onnx\"}", "m/1", "m/1/b.onnx")]
    [InlineData("m/1/model.onnx m/model.json={\"file\":\"b.onnx\"}", "m/1", "m/1/model.onnx")]
    [InlineData("m/1/w/deep.onnx m/model.json={\"file\":\"w/deep.onnx\"}", "m/1", "m/1/w/deep.onnx")]
    [InlineData("m/1/a.onnx m/1/b.onnx m/config.pbtxt=default_model_filename:'a.onnx'", "m/1", "m/1/a.onnx")]
    [InlineData("m/1/onnx/model.onnx m/1/onnx/model_fp16.onnx m/1/onnx/model_q4.onnx", "m/1", "m/1/onnx/model.onnx")]
    [InlineData("m/onnx/model.onnx m/onnx/model_fp16.onnx m/config.json={} m/1_Pooling/config.json={}", "m/1", "m/onnx/model.onnx")]
    [InlineData(
        "m/onnx/model.onnx m/onnx/model_fp16.onnx m/model.json={\"file\":\"onnx/model_fp16.onnx\"}", "m/1", "m/onnx/model_fp16.onnx")]
    [InlineData("m/model.onnx m/.git/objects/1/x.onnx", "m/1", "m/model.onnx")]
    [InlineData("m/onnx/model_quantized.onnx", "m/1", "m/onnx/model_quantized.onnx")]
    public async Task ListAsync_ForeignLayout_IsServedByItsModelFile(string files, string version, string modelFile)
    {
        Write(files);
        var sut = new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"));

        var listing = await sut.ListAsync(name: null, CancellationToken.None);

        Assert.Empty(listing.Problems);
        var listed = Assert.Single(listing);
        Assert.Equal(version, listed.Id.ToString());
        using var fetched = (await sut.FetchAsync(listed, CancellationToken.None)).Copy;
        Assert.Equal(_folder.Combine(modelFile.Split('/')), (await sut.FetchAsync(listed, CancellationToken.None)).ModelPath);
    }

    [Theory]
    [InlineData("m/007/model.onnx m/7/model.onnx", "m", 7L, "\"m/007\" and \"m/7\" are both version 7")]
    [InlineData("m/1/a.onnx m/1/b.onnx", "m", 1L, "several model files: \"a.onnx\", \"b.onnx\"")]
    [InlineData("m/1/onnx/model.onnx m/1/onnx/model_fp16.onnx m/1/other.onnx", "m", 1L,
        "several model files: \"onnx/model.onnx\", \"onnx/model_fp16.onnx\", \"other.onnx\"")]
    [InlineData("m/1/a.onnx m/model.json={\"file\":\"b.onnx\"}", "m", 1L, "has no \"b.onnx\", which the model's settings specify")]
    [InlineData("m/1/model.onnx m/1/other.onnx m/model.json={\"file\":\"otherr.onnx\"}", "m", 1L,
        "has no \"otherr.onnx\", which the model's settings specify")]
    [InlineData("m/1/model.onnx m/1/other.onnx m/model.json={\"file\":\"otherr.onnx\"}", "m", 1L,
        "It has \"model.onnx\", \"other.onnx\". Correct \"file\"")]
    [InlineData(
        "m/1/model.onnx m/1/net.onnx m/config.pbtxt=default_model_filename:'nett.onnx'", "m", 1L, "default_model_filename in config.pbtxt")]
    [InlineData("m/1/model.onnx m/1/w/net.onnx m/model.json={\"file\":\"w/nett.onnx\"}", "m", 1L, "has no \"w/nett.onnx\"")]
    [InlineData(
        "m/1/model.pt", "m", 1L, "\"model.pt\" is a PyTorch model, and only ONNX models are served. Export it with torch.onnx.export.")]
    [InlineData("m/1/saved_model.pb m/1/variables/variables.index", "m", 1L, "\"saved_model.pb\" is a TensorFlow model")]
    [InlineData("m/1/labels.txt", "m", 1L, "\"m/1\" has no model file. It has \"labels.txt\".")]
    [InlineData("m/onnx/model_fp16.onnx m/onnx/model_q4.onnx m/config.json", "m", 1L,
        "\"m\" has no model.onnx, but several model files: \"onnx/model_fp16.onnx\", \"onnx/model_q4.onnx\". Name one of them in model.json")]
    [InlineData("both.onnx both/onnx/model.onnx", "both", 1L, "\"both.onnx\" and \"both/onnx/model.onnx\" are both version 1")]
    [InlineData("m/v1/model.onnx", "m", null, "\"m/v1\" has \"v1/model.onnx\", but its name is not a version")]
    [InlineData("m/0/model.onnx", "m", null, "\"m/0\" has \"0/model.onnx\", but its name is not a version")]
    [InlineData("m/model.safetensors", "m", null, "\"model.safetensors\" is a file of weights without a graph")]
    [InlineData("m/model.safetensors m/config.json m/tokenizer.json", "m", null,
        "Put the ONNX model at \"m/onnx/model.onnx\". The server reads config.json, which describes the model.")]
    [InlineData("m/pytorch_model.bin m/tokenizer.json m/1_Pooling/config.json", "m", null, "at \"m/onnx/model.onnx\". The server reads tokenizer.json")]
    [InlineData("m/config.pbtxt=max_batch_size:1", "m", null, "\"m\" has no version folder. It has \"config.pbtxt\".")]
    [InlineData("my+model/1/model.onnx", "my+model", null, "\"my+model\" is not the name of a model")]
    [InlineData(
        "BARE.ONNX", "BARE.ONNX", null, "\"BARE.ONNX\" is not served, because its extension is not .onnx. Rename it to \"BARE.onnx\".")]
    [InlineData("both.onnx both/1/model.onnx", "both", 1L, "\"both.onnx\" and \"both/1/model.onnx\" are both version 1")]
    [InlineData("both.onnx both/001/model.onnx", "both", 1L, "\"both.onnx\" and \"both/001/model.onnx\" are both version 1")]
    [InlineData("my+model.onnx", "my+model.onnx", null, "\"my+model\" is not the name of a model")]
    [InlineData("model.pt", "model.pt", null, "Put it at \"<model>/1/model.onnx\".")]
    public async Task ListAsync_UnexpectedFile_IsAProblemWithItsReason(string files, string name, long? version, string reason)
    {
        Write(files);

        var listing = await new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"))
            .ListAsync(name: null, CancellationToken.None);

        Assert.Empty(listing);
        var problem = Assert.Single(listing.Problems);
        Assert.Equal((name, version), (problem.Name, problem.Version));
        AssertText.Contains(reason, problem.Reason);
    }

    [Theory]
    [InlineData("m/1/model.onnx m/v2/model.onnx m/final/model.onnx m/model.onnx",
        "\"m/final\"|\"m/2\"|\"m/model.onnx\" is in no|\"m/3/\"|\"m/v2\"|\"m/4\"")]
    [InlineData("m.onnx m/v1/model.onnx", "\"m/v1\"|\"m/2\"")]
    [InlineData("m/5/model.onnx m/7/labels.txt m/new/x.onnx", "\"m/7\" has no model file|\"m/new\"|\"m/8\"")]
    public async Task ListAsync_FoldersBesideAVersion_AreAllProblemsWithAFreeNumber(string files, string reasons)
    {
        Write(files);

        var listing = await new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"))
            .ListAsync(name: null, CancellationToken.None);

        Assert.Single(listing);
        var all = string.Join('\n', listing.Problems.Select(problem => problem.Reason));
        Assert.All(reasons.Split('|'), reason => Assert.Contains(reason, all, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("m")]
    [InlineData("m/1")]
    [InlineData("m/.git")]
    public async Task ListAsync_FolderWithoutFiles_IsAProblemUntilItIsDeleted(string folder)
    {
        Directory.CreateDirectory(_folder.Combine(folder.Split('/')));
        var sut = new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"));

        var all = await sut.ListAsync(name: null, CancellationToken.None);
        var one = await sut.ListAsync(ModelName.Parse("m"), CancellationToken.None);
        var otherListing = await sut.ListAsync(ModelName.Parse("other"), CancellationToken.None);

        Assert.All((ModelListing[])[all, one], listing => Assert.Equal(
            new ListedProblem("m", null, "\"m\" has no model file. Put the model at \"m/1/model.onnx\"."), Assert.Single(listing.Problems)));
        Assert.Empty(otherListing.Problems);
    }

    [Theory]
    [InlineData("m/1/model.onnx m/docs/readme.md m/model.json={} README.md .git/config")]
    [InlineData("m.onnx m/model.json={}")]
    [InlineData("m/model.json={\"remote\":{\"kind\":\"open-inference\",\"url\":\"http://h\"}}")]
    public async Task ListAsync_ExpectedFiles_AreNoProblem(string files)
    {
        Write(files);

        var listing = await new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"))
            .ListAsync(name: null, CancellationToken.None);

        Assert.Single(listing);
        Assert.Empty(listing.Problems);
    }

    /// <summary>
    /// A change of other files in the model's folder does not change the version. Such files are settings, other variants of the model, and
    /// weights for other programs.
    /// </summary>
    [Theory]
    [InlineData("m/config.json", true)]
    [InlineData("m/1_Pooling/config.json", true)]
    [InlineData("m/2_Dense/model.safetensors", true)]
    [InlineData("m/onnx/model.onnx_data", true)]
    [InlineData("m/model.json", false)]
    [InlineData("m/model.safetensors", false)]
    [InlineData("m/pytorch_model.bin", false)]
    [InlineData("m/onnx/model_fp16.onnx", false)]
    [InlineData("m/onnx/model_fp16.onnx_data", false)]
    [InlineData("m/openvino/openvino_model.xml", false)]
    [InlineData("m/.git/config", false)]
    public async Task ListAsync_FilesOfAModelWithoutVersionFolders_AreThoseOfItsVersion(string file, bool isOfVersion)
    {
        Write("m/onnx/model.onnx m/onnx/model_fp16.onnx");
        var sut = new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"));
        var before = Assert.Single(await sut.ListAsync(name: null, CancellationToken.None));

        Write($"{file}={{}}");

        Assert.Equal(isOfVersion, before != Assert.Single(await sut.ListAsync(name: null, CancellationToken.None)));
    }

    [Theory]
    [InlineData("m/model.onnx.int8.onnx", true)]
    [InlineData("m/model.onnx.int8.onnx_data", true)]
    [InlineData("m/model.onnx", false)]
    [InlineData("m/model.onnx_data", false)]
    public async Task ListAsync_ModelWhoseNameBeginsWithAnotherModelsName_HasItsOwnFiles(string file, bool isOfVersion)
    {
        Write("m/model.onnx m/model.onnx.int8.onnx m/model.json={\"file\":\"model.onnx.int8.onnx\"}");
        var sut = new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"));
        var before = Assert.Single(await sut.ListAsync(name: null, CancellationToken.None));

        Write($"{file}=x");

        Assert.Equal(isOfVersion, before != Assert.Single(await sut.ListAsync(name: null, CancellationToken.None)));
    }

    [Fact]
    public async Task FetchAsync_ModelWithoutVersionFolders_IsCopiedAndVerifiedWithoutItsSettings()
    {
        Write("m/onnx/model.onnx m/config.json={} m/model.json={} m/model.safetensors=x");
        var policy = new TrustPolicy(RequireManifest: true, PublicKeyPem: null);
        var sut = new DirectoryModelStore(_folder.Path, policy, _folder.Combine(".cache"));
        var lines = ((string[])["onnx/model.onnx", "config.json"]).Select(file => $"{Digest(_folder.Combine("m", file))}  {file}\n");
        await File.WriteAllTextAsync(_folder.Combine("m", "model.sha256"), string.Concat(lines));
        var lax = new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"));

        foreach (var store in (DirectoryModelStore[])[sut, lax])
        {
            var files =
                await store.FetchAsync(Assert.Single(await store.ListAsync(name: null, CancellationToken.None)), CancellationToken.None);

            using (files.Copy)
            {
                Assert.True(File.Exists(Path.Combine(files.Folder!, "config.json")));
                Assert.False(File.Exists(Path.Combine(files.Folder!, "model.safetensors")));
            }
        }
    }

    [Fact]
    public async Task FetchAsync_ModelBelowAFolder_IsCopiedAndVerifiedWithItsVersion()
    {
        Write("m/1/onnx/model.onnx m/1/labels.txt");
        var policy = new TrustPolicy(RequireManifest: true, PublicKeyPem: null);
        var sut = new DirectoryModelStore(_folder.Path, policy, _folder.Combine(".cache"));
        var version = Assert.Single(await sut.ListAsync(name: null, CancellationToken.None));
        var unproven = await Assert.ThrowsAsync<InferenceException>(() => sut.FetchAsync(version, CancellationToken.None));
        var lines = ((string[])["onnx/model.onnx", "labels.txt"]).Select(file => $"{Digest(_folder.Combine("m", "1", file))}  {file}\n");
        await File.WriteAllTextAsync(_folder.Combine("m", "1", "model.sha256"), string.Concat(lines));

        var files = await sut.FetchAsync(Assert.Single(await sut.ListAsync(name: null, CancellationToken.None)), CancellationToken.None);

        using (files.Copy)
        {
            Assert.Contains("model.sha256", unproven.Message, StringComparison.Ordinal);
            Assert.EndsWith(Path.Combine("onnx", "model.onnx"), files.ModelPath, StringComparison.Ordinal);
            Assert.Equal(Path.Combine(files.Folder!, "labels.txt"), files.LabelsPath);
            Assert.NotEqual(_folder.Combine("m", "1"), files.Folder);
        }
    }

    [Theory]
    [InlineData("../2/model.onnx")]
    [InlineData("/etc/model.onnx")]
    [InlineData("a\\b.onnx")]
    [InlineData("model.pt")]
    public void Parse_FileThatIsNotInTheVersionsFolder_IsRefused(string file)
    {
        var json = $$"""{"file":{{System.Text.Json.JsonSerializer.Serialize(file)}}}""";

        var problems = Assert.Throws<Inference.Models.Settings.FileProblemsException>(() =>
            ModelConfigurationReader.Parse(
                ModelName.Parse("m"), [new SettingsFile("model.json", System.Text.Encoding.UTF8.GetBytes(json))]));

        Assert.Contains("is not the name of an .onnx file in the version's folder", problems.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Digest(string path) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));

    /// <param name="files">Paths, separated by spaces. The content of a file follows <c>=</c>. A file without content is a model.</param>
    private void Write(string files)
    {
        foreach (var file in files.Split(' '))
        {
            var parts = file.Split('=', 2);
            var path = _folder.Combine(parts[0].Split('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (parts.Length > 1)
                File.WriteAllText(path, parts[1]);
            else
                File.Copy(Model, path);
        }
    }
}
