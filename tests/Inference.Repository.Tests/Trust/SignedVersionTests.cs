using System.Security.Cryptography;
using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests.Trust;

/// <summary>Tests attacks on a signed version. The attacker may write to the folder of models, but does not have the key.</summary>
public sealed class SignedVersionTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ModelSigner _signer = new();

    public SignedVersionTests()
    {
        TestModels.CopyTo("scalar", PathOf("iris", "1"));
        File.WriteAllText(PathOf("iris", "1", "vocab.txt"), "[UNK]");
        File.WriteAllText(PathOf("iris", "1", "labels.txt"), "a");
        _signer.SignVersion(PathOf("iris", "1"), "iris/1");
    }

    [Fact]
    public async Task FetchAsync_SignedForThisVersion_IsAPrivateCopy()
    {
        var files = await FetchAsync("iris", 1);

        Assert.StartsWith(_folder.Combine("cache"), files.ModelPath, StringComparison.Ordinal);
        Assert.Equal("model.sig", files.Digest!.FileName);
        Assert.Null(files.ManifestPath);
        files.Copy!.Dispose();
    }

    [Fact]
    public async Task FetchAsync_CopiedToAnotherModelOrNumber_IsRefusedWithBothNames()
    {
        Copy("iris/1", "digits/7");
        Copy("iris/1", "iris/2");

        Assert.Contains("its model.sig was signed for \"iris/1\", not for \"digits/7\"", (await RefuseAsync("digits", 7)).Message,
            StringComparison.Ordinal);
        Assert.Contains("its model.sig was signed for \"iris/1\", not for \"iris/2\"", (await RefuseAsync("iris", 2)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_ManifestSignedAsBefore_IsRefusedWithTheFix()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var manifest = $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PathOf("iris", "1", "model.onnx"))))}  model.onnx\n";
        File.Delete(PathOf("iris", "1", "model.sig"));
        await File.WriteAllTextAsync(PathOf("iris", "1", "model.sha256"), manifest);
        await File.WriteAllBytesAsync(PathOf("iris", "1", "model.sha256.sig"), [1, 2, 3]);

        var error = await RefuseAsync("iris", 1);

        Assert.Contains("it has no model.sig beside model.onnx, which Models__PublicKey requires", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "model.sha256.sig is not enough, because it names neither the model nor the version", error.Message, StringComparison.Ordinal);
        Assert.Contains("inferctl models sign iris/1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab.txt", "\"vocab.txt\" has the digest")]
    [InlineData("labels.txt", "\"labels.txt\" has the digest")]
    [InlineData("model.onnx", "\"model.onnx\" has the digest")]
    [InlineData("planted.bin", "\"planted.bin\" is in the folder, but not listed")]
    [InlineData("deep/planted.bin", "\"deep/planted.bin\" is in the folder, but not listed")]
    [InlineData("model.sha256", "model.sha256:1:1: This is not a line of sha256sum")]
    public async Task FetchAsync_AFileIsChangedOrAdded_IsRefused(string name, string reason)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf("iris", "1", name))!);
        await File.WriteAllTextAsync(PathOf("iris", "1", name), "planted");

        AssertText.Contains(reason, (await RefuseAsync("iris", 1)).Message);
    }

    [Fact]
    public async Task FetchAsync_AFileIsMissing_IsRefused()
    {
        File.Delete(PathOf("iris", "1", "vocab.txt"));

        Assert.Contains(
            "\"vocab.txt\" is listed, but the folder has no such file", (await RefuseAsync("iris", 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab.txt")]
    [InlineData("labels.txt")]
    [InlineData("model.onnx")]
    public async Task FetchAsync_AFileIsReplacedAfterTheVerification_TheVerifiedBytesAreUsed(string name)
    {
        var verified = await File.ReadAllBytesAsync(PathOf("iris", "1", name));

        var files = await FetchAsync("iris", 1);
        await File.WriteAllTextAsync(PathOf("iris", "1", name), "planted");

        Assert.Equal(verified, await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(files.ModelPath)!, name)));
        files.Copy!.Dispose();
    }

    /// <summary>
    /// A file may change without a change of its size or time: by a tool that copies times, or by two writes within one tick of the clock.
    /// </summary>
    [Theory]
    [InlineData("model.sig")]
    [InlineData("vocab.txt")]
    public async Task FetchAsync_RepairedWithoutAChangeOfSizeOrTime_IsAcceptedByTheSameStore(string name)
    {
        var path = PathOf("iris", "1", name);
        var (right, time) = (await File.ReadAllBytesAsync(path), File.GetLastWriteTimeUtc(path));
        await WriteAsync([.. right[..^2], .. "xx"u8]);
        var store = CreateSut(_signer.Policy);
        var version = await SingleAsync(store, "iris", 1);
        var error = await Assert.ThrowsAsync<InferenceException>(() => store.FetchAsync(version, CancellationToken.None));
        Assert.True(error.IsTrustFailure);

        await WriteAsync(right);

        var repaired = await SingleAsync(store, "iris", 1);
        Assert.Equal(version.RecordTag, repaired.RecordTag);
        (await store.FetchAsync(repaired, CancellationToken.None)).Copy!.Dispose();

        async Task WriteAsync(byte[] content)
        {
            await File.WriteAllBytesAsync(path, content);
            File.SetLastWriteTimeUtc(path, time);
        }
    }

    [LinuxTheory("The time of a change of a file is read by statx.")]
    [InlineData("iris/1/vocab.txt")]
    [InlineData("iris/1/model.sig")]
    [InlineData("iris/model.json")]
    public async Task ListAsync_WrittenWithoutAChangeOfSizeOrTime_HasAnotherTag(string name)
    {
        var path = PathOf(name);
        if (!File.Exists(path))
            await File.WriteAllTextAsync(path, "{}");
        var store = CreateSut(_signer.Policy);
        var before = await store.ListAsync(ModelName.Parse("iris"), CancellationToken.None);
        var second = await store.ListAsync(ModelName.Parse("iris"), CancellationToken.None);
        Assert.Equal(DescribeTags(before), DescribeTags(second));

        HiddenWrite.Overwrite(path, await File.ReadAllBytesAsync(path));

        var after = await store.ListAsync(ModelName.Parse("iris"), CancellationToken.None);
        Assert.Equal(before.Select(version => version.RecordTag), after.Select(version => version.RecordTag));
        Assert.NotEqual(DescribeTags(before), DescribeTags(after));
    }

    private static string DescribeTags(ModelListing listing) =>
        string.Join('\n', listing.Select(version => version.Tag).Append(listing.GetSettingsTag(ModelName.Parse("iris"))));

    [Fact]
    public async Task FetchAsync_BelowTheServersMinimum_IsRefusedThoughItIsSigned()
    {
        var store = CreateSut(_signer.Policy with { MinimumVersions = new Dictionary<ModelName, long> { [ModelName.Parse("iris")] = 7 } });

        var error = await Assert.ThrowsAsync<InferenceException>(async () =>
            await store.FetchAsync(await SingleAsync(store, "iris", 1), CancellationToken.None));

        Assert.Contains("Models__MinimumVersions allows version 7 and higher", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_BareModelFile_CannotBeSigned()
    {
        File.Copy(TestModels.Path("scalar"), PathOf("bare.onnx"));
        File.Copy(PathOf("iris", "1", "model.sig"), PathOf("model.sig"));

        Assert.Contains("it has no model.sig", (await RefuseAsync("bare", 1)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    private DirectoryModelStore CreateSut(TrustPolicy policy) => new(_folder.Combine("models"), policy, _folder.Combine("cache"));

    private static async Task<ModelVersion> SingleAsync(DirectoryModelStore store, string model, long version) =>
        Assert.Single(await store.ListAsync(ModelName.Parse(model), CancellationToken.None), listed => listed.Id.Version == version);

    private async Task<ModelFiles> FetchAsync(string model, long version)
    {
        var store = CreateSut(_signer.Policy);
        return await store.FetchAsync(await SingleAsync(store, model, version), CancellationToken.None);
    }

    private async Task<InferenceException> RefuseAsync(string model, long version)
    {
        var error = await Assert.ThrowsAsync<InferenceException>(() => FetchAsync(model, version));
        Assert.Equal((InferenceError.ModelUnavailable, true, true), (error.Error, error.LastsUntilFilesChange, error.IsTrustFailure));
        return error;
    }

    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(PathOf(to));
        foreach (var file in Directory.GetFiles(PathOf(from)))
            File.Copy(file, Path.Combine(PathOf(to), Path.GetFileName(file)));
    }

    private string PathOf(params string[] parts) => _folder.Combine(["models", .. parts]);
}
