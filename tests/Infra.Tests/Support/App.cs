using System.Text.Json;
using Inference.Testing;

namespace Infra.Tests.Support;

/// <summary>What the built app says of its own functions.</summary>
public sealed class App : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private JsonElement _functions;

    /// <summary>The paths that answer without a key.</summary>
    public IReadOnlyList<string> AnonymousPaths =>
    [
        .. Bindings("httpTrigger")
            .Where(trigger => trigger.GetProperty("authLevel").GetString() == "Anonymous")
            .Select(trigger => $"/{trigger.GetProperty("route").GetString()}"),
    ];

    public async Task InitializeAsync()
    {
        var file = _folder.Combine("functions.metadata");
        var run = await Tool.RunAsync(Repository.Functions, ["--functions-metadata", file]);
        Assert.True(run.ExitCode == 0, run.Errors);
        _functions = JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement;
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private IEnumerable<JsonElement> Bindings(string type) => _functions.EnumerateArray()
        .SelectMany(function => function.GetProperty("bindings").EnumerateArray())
        .Where(binding => binding.GetProperty("type").GetString() == type);
}
