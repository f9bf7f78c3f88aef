using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Inference.Azure.Models;
using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Azure.Tests.Models;

[Collection(AzuriteCollection.Name)]
public sealed class BlobModelStoreFailureTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task FetchAsync_ChangedBetweenRanges_Unavailable()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx", 20 << 20);
        var changed = 0;
        scenario.Wire.After = async message =>
        {
            if (RequestProbe.IsDownload(message) && Interlocked.Exchange(ref changed, 1) == 0)
                await scenario.UploadAsync("digits/1/model.onnx", 20 << 20);
        };

        await AssertChangedAsync(scenario);
        Assert.NotNull(await scenario.Store.FetchAsync(await scenario.SingleAsync("digits"), CancellationToken.None));
    }

    [Fact]
    public async Task FetchAsync_DeletedBeforeItsDownload_Unavailable()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        scenario.Wire.Before = message =>
            RequestProbe.IsDownload(message) ? scenario.Container.DeleteBlobIfExistsAsync("digits/1/model.onnx") : Task.CompletedTask;

        await AssertChangedAsync(scenario);
    }

    [Fact]
    public async Task FetchAsync_ChangedSinceItWasListed_Unavailable()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        var version = await scenario.SingleAsync("digits");
        await scenario.UploadAsync("digits/1/labels.txt");

        AssertChanged(await FailAsync(scenario, version));
    }

    [Fact]
    public async Task FetchAsync_DeletedSinceItWasListed_Unavailable()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        var version = await scenario.SingleAsync("digits");
        await scenario.Container.DeleteBlobAsync("digits/1/model.onnx");

        AssertChanged(await FailAsync(scenario, version));
    }

    [Theory]
    [InlineData("digits/1/model.onnx")]
    [InlineData("digits/1/labels.txt")]
    public async Task FetchAsync_ArchivedBlob_NamesItAndTheAccountAndTheFix(string archived)
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        await scenario.UploadAsync("digits/1/labels.txt");
        await scenario.Container.GetBlobClient(archived).SetAccessTierAsync(AccessTier.Archive);

        var error = await FailAsync(scenario, await scenario.SingleAsync("digits"));

        Assert.Contains($"Blob {archived} of model digits/1", error.Message, StringComparison.Ordinal);
        Assert.Contains("(account \"devstoreaccount1\")", error.Message, StringComparison.Ordinal);
        Assert.Contains("409 BlobArchived: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("set-tier --tier Hot", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_WrongContentMd5_Unavailable()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        await scenario.Container.GetBlobClient("digits/1/model.onnx")
            .SetHttpHeadersAsync(new BlobHttpHeaders { ContentHash = new byte[16] });

        var error = await FailAsync(scenario, await scenario.SingleAsync("digits"));

        Assert.Contains("digits/1/model.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains("Content-MD5", error.Message, StringComparison.Ordinal);
        Assert.Equal((true, FailureCause.Files), (error.LastsUntilFilesChange, error.Cause));
    }

    [Fact]
    public async Task FetchAsync_AnswerCutShort_Unavailable()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        scenario.Wire.After = message =>
        {
            if (RequestProbe.IsDownload(message))
                message.Response.ContentStream = new MemoryStream(new byte[50]);
            return Task.CompletedTask;
        };

        await FailAsync(scenario, await scenario.SingleAsync("digits"));
    }

    [Theory]
    [InlineData("../../../../../evil")]
    [InlineData("sub/../../../../evil")]
    [InlineData("/evil")]
    [InlineData("..\\evil")]
    public async Task FetchAsync_NameLeavesTheFolder_RefusedWithoutDownload(string name)
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        await scenario.UploadAsync("digits/1/placeholder");
        var downloads = 0;
        // The client library cannot upload a blob with such a name, so the test changes the listing.
        scenario.Wire.After = message =>
        {
            var listing = message.Response.Content.ToString().Replace("placeholder", name, StringComparison.Ordinal);
            if (RequestProbe.IsDownload(message))
                Interlocked.Increment(ref downloads);
            else
                message.Response.ContentStream = new BinaryData(listing).ToStream();
            return Task.CompletedTask;
        };

        var error = await FailAsync(scenario, await scenario.SingleAsync("digits"));

        Assert.Contains($"digits/1/{name}", error.Message, StringComparison.Ordinal);
        Assert.Equal((true, FailureCause.Files), (error.LastsUntilFilesChange, error.Cause));
        Assert.Equal(0, downloads);
    }

    [Fact]
    public async Task FetchAsync_FileAndFolderOfOneName_Unavailable()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        await scenario.UploadAsync("digits/1/weights");
        await scenario.UploadAsync("digits/1/weights/1.bin");

        await FailAsync(scenario, await scenario.SingleAsync("digits"));
    }

    [Fact]
    public async Task ListAsync_NoContainer_SaysSo()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.Container.DeleteAsync();

        var error = await Assert.ThrowsAsync<InferenceException>(() => scenario.Store.ListAsync(null, CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains($"{scenario.Container.Uri} (account \"devstoreaccount1\" in Models__Source) does not exist", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_AzuriteIsDown_UnavailableUntilItIsBack()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        await scenario.UploadAsync("iris/1/model.onnx");
        var cached = await scenario.SingleAsync("digits");
        var other = await scenario.SingleAsync("iris");
        var files = await scenario.Store.FetchAsync(cached, CancellationToken.None);
        await azurite.StopAsync();
        try
        {
            var error = await Assert.ThrowsAsync<InferenceException>(() => scenario.Store.ListAsync(null, CancellationToken.None));
            Assert.Equal((InferenceError.ModelUnavailable, TimeSpan.FromSeconds(5)), (error.Error, error.RetryAfter));
            Assert.Contains(
                $"{scenario.Container.Uri} (account \"devstoreaccount1\" in Models__Source) cannot be reached: Connection refused",
                error.Message, StringComparison.Ordinal);

            Assert.NotNull((await FailAsync(scenario, other)).RetryAfter);
            Assert.Equal(files, await scenario.NewStore().FetchAsync(cached, CancellationToken.None));
        }
        finally
        {
            await azurite.StartAsync();
        }

        Assert.Equal(cached, await scenario.SingleAsync("digits"));
        Assert.NotNull(await scenario.Store.FetchAsync(other, CancellationToken.None));
    }

    [Fact]
    public async Task ListAsync_WrongKey_RefusedWithoutSecrets()
    {
        var key = Convert.ToBase64String(new byte[64]);
        var connection = azurite.ConnectionString.Split(';')
            .Select(part => part.StartsWith("AccountKey", StringComparison.Ordinal) ? $"AccountKey={key}" : part);
        var store = new BlobModelStore(
            new BlobContainerClient(string.Join(';', connection), "models", BlobScenario.Options()), "", "unused", TrustPolicy.Default,
            TimeProvider.System);

        var error = await Assert.ThrowsAsync<InferenceException>(() => store.ListAsync(null, CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains(
            "refused access (403 AuthorizationFailure: Server failed to authenticate the request", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_NoCredential_RefusedWithItsFirstLine()
    {
        var store = new BlobModelStore(
            new BlobContainerClient(new Uri("https://account.blob.core.windows.net/models"), new NoCredential(), BlobScenario.Options()),
            "", "unused", TrustPolicy.Default, TimeProvider.System);

        var error = await Assert.ThrowsAsync<InferenceException>(() => store.ListAsync(null, CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("refused access (No identity here)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_Cancelled_StaysCancellation()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        using var caller = new CancellationTokenSource();
        scenario.Wire.Before = async message =>
        {
            await caller.CancelAsync();
            message.CancellationToken.ThrowIfCancellationRequested();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scenario.Store.ListAsync(null, caller.Token));
    }

    private static async Task AssertChangedAsync(BlobScenario scenario)
    {
        var error = await FailAsync(scenario, await scenario.SingleAsync("digits"));
        AssertChanged(error);
        Assert.Contains("digits/1/model.onnx", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Asserts that a retry with a new listing may succeed at once.</summary>
    private static void AssertChanged(InferenceException error)
    {
        Assert.Equal(TimeSpan.Zero, error.RetryAfter);
        Assert.Contains("changed or was deleted after the store was listed", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Asserts that the fetch fails and leaves no file on the disk.</summary>
    private static async Task<InferenceException> FailAsync(BlobScenario scenario, ModelVersion version)
    {
        var error = await Assert.ThrowsAsync<InferenceException>(() => scenario.Store.FetchAsync(version, CancellationToken.None));
        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Empty(scenario.Leftovers());
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(scenario.Cache)!, "*evil*", SearchOption.AllDirectories));
        return error;
    }

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("No identity here.\r\nAnd a long list of what was tried.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new CredentialUnavailableException("No identity here.\r\nAnd a long list of what was tried.");
    }
}
