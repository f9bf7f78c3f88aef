using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Models, jobs and results in a real Azurite, a local emulator of Azure Storage.</summary>
public sealed class BlobStoreTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>, IDisposable
{
    private const int WeightsSize = 96 << 20;

    private readonly ModelFolder _made = new();

    private (string, string) Account => ("AZURE_STORAGE_CONNECTION_STRING", azurite.ConnectionString);

    [Fact]
    public async Task Push_ToAContainer_IsServedVerifiedAndRemoved()
    {
        await ContainerAsync("served");
        _made.WriteScaling("scaling", 1, 2);
        using var cache = new TempFolder();

        var pushed =
            await CliProcess.RunAsync(Account, "models", "push", _made.PathOf("scaling", "1"), "scaling", "--store", "blob:served");
        await using (var server = await FunctionsProcess.StartAsync(
            ("AzureWebJobsStorage", azurite.ConnectionString), ("Models__Source", "blob:served"),
            ("Models__CacheDirectory", cache.Combine("cache")), ("Models__RequireManifest", "true")))
        {
            await server.PostJsonAsync("/models/scaling/predict", "{\"features\":[1,2,3,4]}");
        }

        var verified = await CliProcess.RunAsync(Account, "models", "verify", "scaling", "--store", "blob:served");
        var pulled = await CliProcess.RunAsync(Account, "models", "pull", "scaling", cache.Combine("pulled"), "--store", "blob:served");
        var removed =
            await CliProcess.RunAsync(Account, "models", "remove", "scaling", "--version", "1", "--yes", "--store", "blob:served");
        var gone = await CliProcess.RunAsync(Account, "models", "verify", "scaling", "--store", "blob:served");

        Assert.All((CliResult[])[pushed, verified, pulled, removed], result => Assert.True(result.ExitCode == 0, result.Error));
        Assert.True(File.Exists(cache.Combine("pulled", "scaling", "1", "model.onnx")));
        Assert.Equal((1, true), (gone.ExitCode, gone.Error.Contains("There is no model scaling", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Push_OfLinkedSettingsAndLabels_StoresTheirContent()
    {
        const string Settings = """{"batching":{"contract":"none"}}""";
        const string Labels = "first\nsecond\nthird\nfourth of the labels\n";
        var container = await ContainerAsync("linked");
        _made.WriteScaling("hub", 1, 2);
        _made.Write(Settings, "hub", "blobs", "77c0");
        _made.Write(Labels, "labels.txt");
        _made.Shell("hub",
            "mkdir -p snapshots/8e2b && mv 1/model.onnx snapshots/8e2b/ && ln -s ../../blobs/77c0 snapshots/8e2b/model.json "
            + "&& ln -s ../labels.txt labels");

        var result = await CliProcess.RunAsync(
            Account, "models", "push", _made.PathOf("hub", "snapshots", "8e2b"), "hub", "--labels", _made.PathOf("hub", "labels"),
            "--store", "blob:linked");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(Settings, await ReadAsync("hub/model.json"));
        Assert.Equal(Labels, await ReadAsync("hub/1/labels.txt"));

        async Task<string> ReadAsync(string name) =>
            (await container.GetBlobClient(name).DownloadContentAsync()).Value.Content.ToString();
    }

    [Fact]
    public async Task Push_Killed_ShowsNoVersionAndIsResumed()
    {
        var container = await ContainerAsync("killed");
        _made.WriteScaling("large", 1, 2);
        var content = new byte[WeightsSize];
        new Random(1).NextBytes(content);
        _made.Write(content, "large", "1", "weights.bin");
        string[] push = ["models", "push", _made.PathOf("large", "1"), "large", "--store", "blob:killed/models"];

        var model = container.GetBlobClient("models/large/1/model.onnx");
        var weights = container.GetBlockBlobClient("models/large/1/weights.bin");
        await CliProcess.InterruptAsync(Account, (_, limit) => WaitForBlockAsync(weights, limit), kill: true, push);
        // On a busy machine the push may end before the kill. The version is then removed and pushed again.
        for (var attempt = 1; attempt < 5 && (await model.ExistsAsync()).Value; attempt++)
        {
            await CliProcess.RunAsync(Account, "models", "remove", "large", "--version", "1", "--yes", "--store", "blob:killed/models");
            await CliProcess.InterruptAsync(Account, (_, limit) => WaitForBlockAsync(weights, limit), kill: true, push);
        }

        Assert.False((await model.ExistsAsync()).Value);
        var again = await CliProcess.RunAsync(Account, push);

        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Contains("were already sent by an interrupted push", again.Error, StringComparison.Ordinal);
        var verified = await CliProcess.RunAsync(Account, "models", "verify", "large", "--store", "blob:killed/models");
        Assert.True(verified.ExitCode == 0, verified.Error);
    }

    [Fact]
    public async Task Push_WithoutAContainer_SaysHowToCreateIt()
    {
        _made.WriteScaling("scaling", 1, 2);
        string[] push = ["models", "push", _made.PathOf("scaling", "1"), "scaling", "--store", "blob:fresh/models"];

        var missing = await CliProcess.RunAsync(Account, push);
        var created = await CliProcess.RunAsync(Account, [.. push, "--create"]);
        var again = await CliProcess.RunAsync(Account, [.. push, "--create"]);

        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("There is no container http://127.0.0.1:", missing.Error, StringComparison.Ordinal);
        Assert.EndsWith("/fresh/models. Check --store, or create it with --create.\n", missing.Error, StringComparison.Ordinal);
        Assert.All((CliResult[])[created, again], result => Assert.True(result.ExitCode == 0, result.Error));
    }

    [Theory]
    [InlineData(2, "--variant", "nope")]
    [InlineData(2, "--load-only", "--sample", "{}")]
    [InlineData(2, "--sample", "{")]
    [InlineData(1)]
    public async Task Push_ThatFailsItsChecks_CreatesNoContainer(int exitCode, params string[] options)
    {
        _made.WriteScaling("scaling", 1, 2);
        if (exitCode == 1)
            _made.Write("no model", "scaling", "1", "model.onnx");

        var result = await CliProcess.RunAsync(
            Account, ["models", "push", _made.PathOf("scaling", "1"), "scaling", "--store", "blob:refused", "--create", .. options]);

        Assert.True(result.ExitCode == exitCode, result.Error);
        Assert.False((await new BlobContainerClient(azurite.ConnectionString, "refused").ExistsAsync()).Value);
    }

    [Fact]
    public async Task Push_WithoutTheConnection_NamesTheSetting()
    {
        _made.WriteScaling("scaling", 1, 2);

        var result = await CliProcess.RunAsync(
            ("AZURE_STORAGE_CONNECTION_STRING", ""), "models", "push", _made.PathOf("scaling", "1"), "scaling", "--store", "blob:models");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("AZURE_STORAGE_CONNECTION_STRING", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_NoStoreOrNoContainer_SaysSoInOneLine()
    {
        var unreachable = azurite.ConnectionString.Replace(
            "BlobEndpoint=http://127.0.0.1:", "BlobEndpoint=http://127.0.0.1:1/", StringComparison.Ordinal);

        var nobody = await CliProcess.RunAsync(
            ("AZURE_STORAGE_CONNECTION_STRING", unreachable), "models", "verify", "scaling", "--store", "blob:models");
        var missing = await CliProcess.RunAsync(Account, "models", "verify", "scaling", "--store", "blob:no-such-container");

        Assert.Equal((1, 1), (nobody.ExitCode, missing.ExitCode));
        Assert.StartsWith("inferctl: The store does not respond: Connection refused", nobody.Error, StringComparison.Ordinal);
        Assert.Contains("The specified container does not exist.", missing.Error, StringComparison.Ordinal);
        Assert.All((CliResult[])[nobody, missing], result => Assert.Single(result.Error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task Jobs_SubmitWatchGetCancel_TellTheJob()
    {
        using var cache = new TempFolder();
        await using var server = await FunctionsProcess.StartAsync(
            ("AzureWebJobsStorage", azurite.ConnectionString), ("Models__Source", ServedModels.PathOf()),
            ("Models__CacheDirectory", cache.Combine("cache")));
        string[] to = ["--endpoint", server.Client.BaseAddress!.AbsoluteUri];

        var done =
            await CliProcess.RunForJsonAsync(
                ["jobs", "submit", "iris", "--data", "[5.1,3.5,1.4,0.2]", "--id", "order-1", "--watch", .. to]);
        var watched = await CliProcess.RunForJsonAsync(["jobs", "watch", "order-1", .. to]);
        var text = await CliProcess.RunSuccessfullyAsync(["jobs", "get", "order-1", .. to]);
        var cancelled = await CliProcess.RunForJsonAsync(["jobs", "cancel", "order-1", .. to]);
        var failed = await CliProcess.RunAsync(["jobs", "submit", "iris", "--data", "[1]", "--watch", .. to]);

        Assert.All(new[] { done, watched, cancelled }, job => Assert.Equal("succeeded", job.GetProperty("status").GetString()));
        Assert.Matches("status +succeeded\n", text);
        Assert.Equal((1, true), (failed.ExitCode, failed.Output.Contains("invalidShape: ", StringComparison.Ordinal)));
    }

    public void Dispose() => _made.Dispose();

    /// <summary>Waits until the service has a block of a blob.</summary>
    /// <returns>An empty text.</returns>
    private static async Task<string> WaitForBlockAsync(BlockBlobClient blob, CancellationToken cancellationToken)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await HasBlockAsync())
            await pause.WaitForNextTickAsync(cancellationToken);
        return "";

        async Task<bool> HasBlockAsync()
        {
            try
            {
                var blocks = await blob.GetBlockListAsync(BlockListTypes.All, cancellationToken: cancellationToken);
                return blocks.Value.UncommittedBlocks.Any() || blocks.Value.CommittedBlocks.Any();
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                // The push has not sent a block yet.
                return false;
            }
        }
    }

    private async Task<BlobContainerClient> ContainerAsync(string name)
    {
        var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(name);
        await container.CreateAsync();
        return container;
    }
}
