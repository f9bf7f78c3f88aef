using Inference.Testing;

namespace Inference.Azure.Tests.Models;

[Collection(AzuriteCollection.Name)]
public sealed class BlobSharedFilesTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task TryGetAsync_NothingThere_IsFalse()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        using var folder = new TempFolder();

        Assert.False(await scenario.Store.TryGetAsync("a.entry", folder.Combine("a"), CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("team/")]
    public async Task TryGetAsync_AnotherInstancePutIt_CopiesItAndItIsNoModel(string prefix)
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.Combine("theirs"), "old");
        await scenario.NewStore(prefix).PutAsync("a.ort", folder.Combine("theirs"), CancellationToken.None);
        await File.WriteAllTextAsync(folder.Combine("theirs"), "new");
        await scenario.NewStore(prefix).PutAsync("a.ort", folder.Combine("theirs"), CancellationToken.None);

        Assert.True(await scenario.NewStore(prefix).TryGetAsync("a.ort", folder.Combine("ours"), CancellationToken.None));

        Assert.Equal("new", await File.ReadAllTextAsync(folder.Combine("ours")));
        Assert.Empty(await scenario.NewStore(prefix).ListAsync(null, CancellationToken.None));
    }

    [Fact]
    public async Task PutAsync_ContainerIsMissing_IsAFailureOfTheStore()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.Combine("a"), "a");
        await scenario.Container.DeleteAsync();

        var error = await Assert.ThrowsAsync<InferenceException>(() =>
            scenario.Store.PutAsync("a.ort", folder.Combine("a"), CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
    }
}
