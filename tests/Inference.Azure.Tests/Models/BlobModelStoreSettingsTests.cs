using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;
using Inference.Testing;

namespace Inference.Azure.Tests.Models;

[Collection(AzuriteCollection.Name)]
public sealed class BlobModelStoreSettingsTests(AzuriteFixture azurite)
{
    private static readonly ModelName Foo = ModelName.Parse("foo");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListAsync_SettingsBesideTheVersions_TagChangesWithThem(bool one)
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("foo/1/model.onnx");
        await scenario.UploadAsync("foo/1/model.json");
        await scenario.UploadAsync("foobar/model.json");
        var none = await TagAsync(scenario, one);

        await scenario.UploadAsync("foo/model.json");
        var first = await TagAsync(scenario, one);
        await scenario.UploadAsync("foo/config.pbtxt");
        var second = await TagAsync(scenario, one);
        await scenario.UploadAsync("foo/model.json");
        var third = await TagAsync(scenario, one);

        Assert.Equal("", none);
        Assert.Equal(4, new HashSet<string> { none, first, second, third }.Count);
        Assert.Equal(third, await TagAsync(scenario, one));
    }

    [Fact]
    public async Task ReadSettingsAsync_ExistingFiles_AreRead()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        Assert.Equal(ModelConfiguration.Default, await scenario.Store.ReadSettingsAsync(Foo, CancellationToken.None));
        await scenario.Container.GetBlobClient("foo/model.json").UploadAsync(new BinaryData("""{"timeouts":{"request":"00:00:02"}}"""));
        await scenario.Container.GetBlobClient("foo/config.pbtxt").UploadAsync(new BinaryData("max_batch_size: 8"));

        var configuration = await scenario.Store.ReadSettingsAsync(Foo, CancellationToken.None);

        Assert.Equal((8, TimeSpan.FromSeconds(2)), (configuration.Settings.Batching.MaxBatch, configuration.Settings.Timeouts.Request));
    }

    [Fact]
    public async Task ReadSettingsAsync_LargerThanSettingsAre_Refused()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("foo/model.json", SettingsFile.MaxSize + 1);

        var error = await Assert.ThrowsAsync<InferenceException>(() => scenario.Store.ReadSettingsAsync(Foo, CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Matches("foo/model.json in .* is larger", error.Message);
        Assert.Equal((true, FailureCause.Settings), (error.LastsUntilFilesChange, error.Cause));
    }

    /// <summary>The listing reads the settings of this model, because they can choose one of its model files.</summary>
    [Fact]
    public async Task ListAsync_SettingsThatChooseTheFileAreTooLarge_FailsThatModelOnly()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("foo/1/other.onnx");
        await scenario.UploadAsync("foo/model.json", SettingsFile.MaxSize + 1);
        await scenario.UploadAsync("good/1/model.onnx");

        var listing = await scenario.Store.ListAsync(name: null, CancellationToken.None);

        Assert.Contains(listing, version => $"{version.Id}" == "good/1");
        Assert.Matches("foo/model.json in .* is larger", listing.Failures[Foo]);
    }

    private static async Task<string> TagAsync(BlobScenario scenario, bool one) =>
        (await scenario.Store.ListAsync(one ? Foo : null, CancellationToken.None)).GetSettingsTag(Foo);
}
