using Azure;
using Inference.Azure.Models;
using Inference.Models;
using Inference.Testing;

namespace Inference.Azure.Tests.Models;

[Collection(AzuriteCollection.Name)]
public sealed class BlobModelStoreListTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task ListAsync_EmptyContainer_IsEmpty()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);

        Assert.Empty(await scenario.Store.ListAsync(null, CancellationToken.None));
        Assert.Empty(await scenario.Store.ListAsync(ModelName.Parse("digits"), CancellationToken.None));
    }

    [Theory]
    [InlineData(null, "bare/1 foo.onnx/1 foo.onnx/4 foo/1 foo/2 foobar/7")]
    [InlineData("foo", "foo/1 foo/2")]
    [InlineData("foobar", "foobar/7")]
    [InlineData("foo.onnx", "foo.onnx/1 foo.onnx/4")]
    [InlineData("bare", "bare/1")]
    [InlineData("fo", "")]
    public async Task ListAsync_NamesThatBeginAlike_AreKeptApart(string? name, string expected)
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        foreach (var blob in new[]
        {
            "foo.onnx", "foo/2/model.onnx", "foo.onnx/4/model.onnx", "foo.onnx.onnx", "foobar/7/model.onnx", "foo/latest/model.onnx",
            "bare.onnx", "readme.md",
        })
        {
            await scenario.UploadAsync(blob);
        }

        Assert.Equal(expected, await ListAsync(scenario.Store, name));
    }

    [Fact]
    public async Task ListAsync_Prefix_ListsOnlyBlobsWithThePrefix()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("team/a/digits/1/model.onnx");
        await scenario.UploadAsync("team/a/bare.onnx");
        await scenario.UploadAsync("digits/2/model.onnx");

        var store = scenario.NewStore("team/a/");

        Assert.Equal("bare/1 digits/1", await ListAsync(store, null));
        Assert.Equal("digits/1", await ListAsync(store, "digits"));
    }

    [Fact]
    public async Task ListAsync_SettingsThatNameAServer_AreVersionOneUnlessThereIsAFile()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        foreach (var model in new[] { "far", "both", "none" })
        {
            await scenario.Container.GetBlobClient($"{model}/model.json")
                .UploadAsync(new BinaryData(model == "none" ? "{}" : """{"remote":{"kind":"open-inference","url":"http://h"}}"""));
        }

        await scenario.UploadAsync("both/3/model.onnx");
        await scenario.UploadAsync("far/labels.txt");

        Assert.Equal("both/3 far/1", await ListAsync(scenario.Store, null));
        var files = await scenario.Store.FetchAsync(await scenario.SingleAsync("far"), CancellationToken.None);
        Assert.True(files.IsRemote);
        Assert.Contains("open-inference", await File.ReadAllTextAsync(files.ModelPath), StringComparison.Ordinal);
        Assert.NotNull(files.LabelsPath);

        var before = scenario.Wire.Requests;
        await ListAsync(scenario.Store, null);
        Assert.Equal(1, scenario.Wire.Requests - before);
    }

    [Fact]
    public async Task ListAsync_ABlobCannotBeRead_FailsThatModelOnly()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("good/1/model.onnx");
        await scenario.UploadAsync("bad/model.json");
        scenario.Wire.Before = message => RequestProbe.IsDownload(message)
            ? throw new RequestFailedException(409, "archived", "BlobArchived", null)
            : Task.CompletedTask;

        var listing = await scenario.Store.ListAsync(null, CancellationToken.None);

        Assert.Equal(["good/1"], listing.Select(version => $"{version.Id}"));
        Assert.Contains("409 BlobArchived", listing.Failures[ModelName.Parse("bad")], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_Version_SizeOfAllItsFiles()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx", 1000);
        await scenario.UploadAsync("digits/1/model.onnx.data", 5000);
        await scenario.UploadAsync("digits/2/model.onnx", 1);

        var versions = await scenario.Store.ListAsync(ModelName.Parse("digits"), CancellationToken.None);

        Assert.Equal(6000, versions.Single(version => version.Id.Version == 1).Size);
    }

    [Fact]
    public async Task ListAsync_BlobWrittenAgain_OtherTag()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        var before = await scenario.SingleAsync("digits");
        Assert.Equal(before, await scenario.SingleAsync("digits"));

        await scenario.UploadAsync("digits/1/model.onnx");

        Assert.NotEqual(before.Tag, (await scenario.SingleAsync("digits")).Tag);
    }

    [Fact]
    public async Task ListAsync_ManyPages_AllOfThem()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        for (var version = 1; version <= 25; version++)
            await scenario.UploadAsync($"digits/{version}/model.onnx", 1);
        scenario.Wire.Before = message =>
        {
            message.Request.Uri.AppendQuery("maxresults", "4");
            return Task.CompletedTask;
        };

        Assert.Equal(25, (await scenario.Store.ListAsync(null, CancellationToken.None)).Count);
        Assert.Equal(7, scenario.Wire.Requests);
    }

    [Fact]
    public async Task ListAsync_OneModelAmongMany_TwoSmallRequests()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        for (var version = 1; version <= 10; version++)
            await scenario.UploadAsync($"digits.onnx/{version}/model.onnx", 1);
        var listed = 0;
        scenario.Wire.After = message =>
        {
            listed += message.Response.Content.ToString().Split("<Blob>").Length - 1;
            return Task.CompletedTask;
        };

        Assert.Equal("digits/1", await ListAsync(scenario.Store, "digits"));
        Assert.Equal((2, 1), (scenario.Wire.Requests, listed));
    }

    [Fact]
    public async Task ListAsync_FolderMarkers_AreNoFiles()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        var before = await scenario.SingleAsync("digits");
        await scenario.UploadAsync("digits/1/deep/", 0);
        await scenario.UploadAsync("digits/1/deeper", 0);
        await scenario.Container.GetBlobClient("digits/1/deeper")
            .SetMetadataAsync(new Dictionary<string, string> { ["hdi_isfolder"] = "true" });

        Assert.Equal(before, await scenario.SingleAsync("digits"));
    }

    private static async Task<string> ListAsync(BlobModelStore store, string? name)
    {
        var versions = await store.ListAsync(name is null ? null : ModelName.Parse(name), CancellationToken.None);
        return string.Join(' ', versions.Select(version => version.Id.ToString()).Order(StringComparer.Ordinal));
    }
}
