using Functions.Tests;

namespace Cli.Tests;

/// <summary>A real server with the models of the repository, for tests that only send requests.</summary>
public sealed class ServedModels : IAsyncLifetime
{
    private readonly ModelFolder _cache = new();
    private FunctionsProcess? _server;

    public string Endpoint => _server!.Client.BaseAddress!.AbsoluteUri;

    /// <summary>Returns a path in the folder of the served models.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "models", .. parts]);

    public async Task InitializeAsync() =>
        _server = await FunctionsProcess.StartAsync(("Models__Source", PathOf()), ("Models__CacheDirectory", _cache.PathOf("cache")));

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        _cache.Dispose();
    }
}
