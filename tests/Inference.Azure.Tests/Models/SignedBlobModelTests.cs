using Inference.Azure.Models;
using Inference.Models;
using Inference.Testing;

namespace Inference.Azure.Tests.Models;

/// <summary>Tests attacks on signed models. The attacker may write to the container of models, but does not have the key.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class SignedBlobModelTests(AzuriteFixture azurite) : IDisposable
{
    private static readonly ModelName Iris = ModelName.Parse("iris");

    private readonly TempFolder _folder = new();
    private readonly ModelSigner _signer = new();

    [Fact]
    public async Task FetchAsync_Signed_IsAcceptedUnderItsOwnNameOnly()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await UploadAsync(scenario, "iris/1");
        await UploadAsync(scenario, "digits/7", signedAs: "iris/1");
        var store = scenario.NewStore(trust: _signer.Policy);

        var files = await store.FetchAsync(await scenario.SingleAsync("iris"), CancellationToken.None);
        var error = await RefuseAsync(store, await scenario.SingleAsync("digits"));

        Assert.Equal("model.sig", files.Digest!.FileName);
        Assert.Contains("its model.sig was signed for \"iris/1\", not for \"digits/7\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_BlobReplacedAfterTheVerification_TheVerifiedBytesAreUsed()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await UploadAsync(scenario, "iris/1");
        var store = scenario.NewStore(trust: _signer.Policy);

        var files = await store.FetchAsync(await scenario.SingleAsync("iris"), CancellationToken.None);
        await scenario.UploadAsync("iris/1/vocab.txt");
        var error = await RefuseAsync(store, await scenario.SingleAsync("iris"));

        Assert.Equal("vocabulary", await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(files.ModelPath)!, "vocab.txt")));
        Assert.Contains("\"vocab.txt\" has the digest", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_DownloadDamagedHere_IsDownloadedOnceMore()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await UploadAsync(scenario, "iris/1");
        var store = scenario.NewStore(trust: _signer.Policy);
        var version = await scenario.SingleAsync("iris");
        var files = await store.FetchAsync(version, CancellationToken.None);
        var vocabulary = Path.Combine(Path.GetDirectoryName(files.ModelPath)!, "vocab.txt");
        await File.WriteAllTextAsync(vocabulary, "VOCABULARY");

        await store.FetchAsync(version, CancellationToken.None);

        Assert.Equal("vocabulary", await File.ReadAllTextAsync(vocabulary));
    }

    [Fact]
    public async Task FetchAsync_RefusedAsItWasDownloaded_IsNotDownloadedAgainUntilItIsRepaired()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await UploadAsync(scenario, "iris/1", signedAs: "iris/2");
        var store = scenario.NewStore(trust: _signer.Policy);
        var version = await scenario.SingleAsync("iris");
        await RefuseAsync(store, version);
        var requests = scenario.Wire.Requests;
        await RefuseAsync(store, version);
        Assert.Equal(requests, scenario.Wire.Requests);

        await UploadAsync(scenario, "iris/1");

        await store.FetchAsync(await scenario.SingleAsync("iris"), CancellationToken.None);
    }

    [Fact]
    public async Task ReadSettingsAsync_SignedUnsignedSwappedOrDeleted_OnlySignedOnesAreUsed()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        var store = scenario.NewStore(trust: _signer.Policy);
        await File.WriteAllTextAsync(_folder.Combine("model.json"), """{"versions":{"minimum":7}}""");
        await scenario.UploadFolderAsync(_folder.Path, "iris");
        Assert.Contains("There is no settings.sig", await RefuseSettingsAsync(store), StringComparison.Ordinal);

        _signer.SignSettings(_folder.Path, "digits");
        await scenario.UploadFolderAsync(_folder.Path, "iris");
        Assert.Contains("It is signed for \"digits\"", await RefuseSettingsAsync(store), StringComparison.Ordinal);

        _signer.SignSettings(_folder.Path, "iris");
        await File.WriteAllTextAsync(_folder.Combine("versions.json"), """{"labels":{"stable":8}}""");
        await scenario.UploadFolderAsync(_folder.Path, "iris");
        var versions = (await store.ReadSettingsAsync(Iris, CancellationToken.None)).Settings.Versions;
        Assert.Equal((7, 8), (versions.Minimum, versions.Labels["stable"]));

        await File.WriteAllTextAsync(_folder.Combine("versions.json"), """{"labels":{"stable":3}}""");
        await scenario.UploadFolderAsync(_folder.Path, "iris");
        Assert.Contains("below the minimum 7", await RefuseSettingsAsync(store), StringComparison.Ordinal);

        await scenario.Container.GetBlobClient("iris/model.json").DeleteAsync();
        Assert.Contains("\"model.json\" is listed", await RefuseSettingsAsync(store), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    private async Task UploadAsync(BlobScenario scenario, string id, string? signedAs = null)
    {
        var folder = Directory.CreateDirectory(_folder.Combine("version")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "model.onnx"), "model");
        await File.WriteAllTextAsync(Path.Combine(folder, "vocab.txt"), "vocabulary");
        _signer.SignVersion(folder, signedAs ?? id);
        await scenario.UploadFolderAsync(folder, id);
    }

    private static async Task<InferenceException> RefuseAsync(BlobModelStore store, ModelVersion version)
    {
        var error = await Assert.ThrowsAsync<InferenceException>(() => store.FetchAsync(version, CancellationToken.None));
        Assert.Equal((InferenceError.ModelUnavailable, true), (error.Error, error.IsTrustFailure));
        return error;
    }

    private static async Task<string> RefuseSettingsAsync(BlobModelStore store) =>
        (await Assert.ThrowsAsync<InferenceException>(() => store.ReadSettingsAsync(Iris, CancellationToken.None))).Message;
}
