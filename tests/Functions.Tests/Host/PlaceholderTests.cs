using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Host;

/// <summary>
/// Tests a worker that the platform starts before it knows the app. The worker gets the app's settings in a FunctionEnvironmentReload
/// message.
/// </summary>
public sealed class PlaceholderTests : IDisposable
{
    private static readonly FunctionsHostOptions Options = new() { StartsAsPlaceholder = true };

    private readonly TempFolder _models = new();

    /// <summary>The crash journals of other tests' killed processes must not refuse the models of this test.</summary>
    private readonly TempFolder _cache = new();

    public PlaceholderTests() => TestModels.CopyTo("fixed_batch", _models.Combine("fixed_batch", "1"));

    [NativeFact]
    public async Task Reload_Settings_AreInForceAndTheAnswerHasTheCapabilities()
    {
        await using var host = await HostedApp.StartAsync(
            Options, ("Models__Source", _models.Path), ("Models__CacheDirectory", _cache.Path));

        Assert.Contains("HttpUri", host.Capabilities.Keys);
        Assert.Contains("WorkerStatus", host.Capabilities.Keys);
        var response = await host.PostJsonAsync("/models/fixed_batch/predict", "{\"features\":[1,2,3,4]}");
        Assert.Equal("[[2,4,6,8]]", response.GetProperty("predictions").ToString());
        Assert.Equal(TimeSpan.Zero, host.Times.StreamStarted);
    }

    [NativeFact]
    public async Task Reload_AppThatCannotStart_NamesTheReason()
    {
        var refused =
            await Assert.ThrowsAsync<WorkerViolationException>(() => HostedApp.StartAsync(Options, ("Http__MaxBodySize", "none")));

        Assert.Contains("FunctionEnvironmentReloadResponse: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Http__MaxBodySize is \"none\"", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _models.Dispose();
        _cache.Dispose();
    }
}
