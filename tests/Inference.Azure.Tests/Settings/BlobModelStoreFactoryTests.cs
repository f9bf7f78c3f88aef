using Azure.Storage.Sas;
using Inference.Azure.Models;
using Inference.Azure.Settings;
using Inference.Repository.Trust;
using Inference.Testing;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Inference.Azure.Tests.Settings;

[Collection(AzuriteCollection.Name)]
public sealed class BlobModelStoreFactoryTests(AzuriteFixture azurite)
{
    private static readonly IConfiguration NoSettings = new ConfigurationBuilder().Build();

    [Fact]
    public async Task Create_ContainerOfTheAccount_ServesItsModels()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("team/digits/1/model.onnx");
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("AzureWebJobsStorage", azurite.ConnectionString)]).Build();

        await AssertServesAsync(scenario, $"blob:{scenario.Container.Name}/team", settings);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Create_UriWithSas_ServesItsModels(string host)
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("team/digits/1/model.onnx");
        var sas = scenario.Container.GenerateSasUri(
            BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List, DateTimeOffset.UtcNow.AddHours(1));
        var source = new UriBuilder(sas) { Host = host, Path = sas.AbsolutePath + "/team" };

        await AssertServesAsync(scenario, source.Uri.AbsoluteUri, NoSettings);
    }

    [Fact]
    public async Task Create_SasThatExpired_RefusedWithoutIt()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        var sas = scenario.Container.GenerateSasUri(BlobContainerSasPermissions.Read, DateTimeOffset.UtcNow.AddHours(-1));
        var store = BlobModelStoreFactory.Create(
            sas.AbsoluteUri, NoSettings, scenario.Cache, TrustPolicy.Default, TimeProvider.System, BlobScenario.Options());

        var error = await Assert.ThrowsAsync<InferenceException>(() => store.ListAsync(null, CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains($"{scenario.Container.Uri} (account \"devstoreaccount1\" in Models__Source) refused access", error.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("sig=", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_HttpUriWithoutSas_ExplainsTheFix()
    {
        var error = Assert.Throws<StorageSettingsException>(
            () => Create("http://127.0.0.1:10000/devstoreaccount1/models"));

        Assert.Contains("blob:models", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_UriWithoutSas_NeedsNoCredentialYet() =>
        Assert.NotNull(Create("https://account.blob.core.windows.net/models"));

    private static BlobModelStore Create(string source) =>
        BlobModelStoreFactory.Create(source, NoSettings, "unused", TrustPolicy.Default, TimeProvider.System);

    private static async Task AssertServesAsync(BlobScenario scenario, string source, IConfiguration settings)
    {
        Assert.True(BlobModelStoreFactory.Handles(source));
        var store = BlobModelStoreFactory.Create(source, settings, scenario.Cache, TrustPolicy.Default, TimeProvider.System);

        var version = Assert.Single(await store.ListAsync(null, CancellationToken.None));
        Assert.Equal("digits/1", version.Id.ToString());
        Assert.True(File.Exists((await store.FetchAsync(version, CancellationToken.None)).ModelPath));
    }
}
