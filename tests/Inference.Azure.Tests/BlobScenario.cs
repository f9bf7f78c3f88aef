using Azure.Core;
using Azure.Storage.Blobs;
using Inference.Azure.Models;
using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Azure.Tests;

/// <summary>A container, a cache folder, and a store that uses both. Disposing the scenario deletes the container and the folder.</summary>
internal sealed class BlobScenario : IAsyncDisposable
{
    private readonly AzuriteFixture _azurite;
    private readonly string _temporary = Directory.CreateTempSubdirectory("blob-store-").FullName;

    private BlobScenario(AzuriteFixture azurite)
    {
        _azurite = azurite;
        // The client must not trim slashes, because the names of some blobs end in a slash.
        Container = new BlobContainerClient(
            azurite.ConnectionString, $"models-{Guid.NewGuid():N}", new BlobClientOptions { TrimBlobNameSlashes = false });
        Cache = Path.Combine(_temporary, "cache");
        Store = NewStore();
    }

    /// <summary>The client of the test, whose requests <see cref="Wire"/> does not see.</summary>
    public BlobContainerClient Container { get; }

    public RequestProbe Wire { get; } = new();

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
    /// <param name="root">The start of the names of the blobs, such as <c>iris/1</c>.</param>
    public async Task UploadFolderAsync(string folder, string root)
    {
        foreach (var file in Directory.GetFiles(folder))
            await Container.GetBlobClient($"{root}/{Path.GetFileName(file)}").UploadAsync(file, overwrite: true);
    }

    /// <summary>Creates options with one quick retry, so that a test does not wait for a store that is down.</summary>
    public static BlobClientOptions Options(RequestProbe? wire = null)
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

    /// <summary>Returns the entries in the cache that are not part of a version.</summary>
    public IEnumerable<string> Leftovers() =>
        Directory.Exists(Cache) ? Directory.EnumerateFileSystemEntries(Cache, ".*", SearchOption.AllDirectories) : [];

    public async ValueTask DisposeAsync()
    {
        await Container.DeleteIfExistsAsync();
        Directory.Delete(_temporary, recursive: true);
    }
}
