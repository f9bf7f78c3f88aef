using Azure.Core;
using Azure.Storage.Blobs;
using Inference.Azure.Models;
using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Azure.Tests;

/// <summary>A container, a cache folder and a store between them; all gone at the end.</summary>
internal sealed class BlobScenario : IAsyncDisposable
{
    private readonly AzuriteFixture _azurite;
    private readonly string _temporary = Directory.CreateTempSubdirectory("blob-store-").FullName;

    private BlobScenario(AzuriteFixture azurite)
    {
        _azurite = azurite;
        // Names exactly as the tests write them, a slash at the end included.
        Container = new BlobContainerClient(
            azurite.ConnectionString, $"models-{Guid.NewGuid():N}", new BlobClientOptions { TrimBlobNameSlashes = false });
        Cache = Path.Combine(_temporary, "cache");
        Store = NewStore();
    }

    /// <summary>The test's own way in, not seen by <see cref="Wire"/>.</summary>
    public BlobContainerClient Container { get; }

    public Wire Wire { get; } = new();

    public string Cache { get; }

    public BlobModelStore Store { get; }

    public static async Task<BlobScenario> CreateAsync(AzuriteFixture azurite)
    {
        var scenario = new BlobScenario(azurite);
        await scenario.Container.CreateAsync();
        return scenario;
    }

    public BlobModelStore NewStore(string prefix = "", TimeProvider? time = null, TrustPolicy? trust = null) => new(
        new BlobContainerClient(_azurite.ConnectionString, Container.Name, Options(Wire)), prefix, Cache, trust ?? TrustPolicy.Default,
        time ?? TimeProvider.System);

    /// <summary>Uploads the files of a folder.</summary>
    /// <param name="root">What the names of the blobs begin with, such as <c>iris/1</c>.</param>
    public async Task UploadFolderAsync(string folder, string root)
    {
        foreach (var file in Directory.GetFiles(folder))
            await Container.GetBlobClient($"{root}/{Path.GetFileName(file)}").UploadAsync(file, overwrite: true);
    }

    /// <summary>A store that is down is noticed in no time.</summary>
    public static BlobClientOptions Options(Wire? wire = null)
    {
        var options = new BlobClientOptions { Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(1) } };
        if (wire is not null)
            options.AddPolicy(wire, HttpPipelinePosition.PerCall);
        return options;
    }

    public async Task<byte[]> UploadAsync(string name, int length = 100)
    {
        var content = new byte[length];
        new Random(name.Length).NextBytes(content);
        await Container.GetBlobClient(name).UploadAsync(new BinaryData(content), overwrite: true);
        return content;
    }

    public async Task<ModelVersion> SingleAsync(string model) =>
        Assert.Single(await Store.ListAsync(ModelName.Parse(model), CancellationToken.None));

    /// <summary>Everything in the cache that is not part of a version.</summary>
    public IEnumerable<string> Leftovers() =>
        Directory.Exists(Cache) ? Directory.EnumerateFileSystemEntries(Cache, ".*", SearchOption.AllDirectories) : [];

    public async ValueTask DisposeAsync()
    {
        await Container.DeleteIfExistsAsync();
        Directory.Delete(_temporary, recursive: true);
    }
}
