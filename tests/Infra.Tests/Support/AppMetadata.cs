using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.Testing;

namespace Infra.Tests.Support;

/// <summary>The functions of the built app, from its <c>--functions-metadata</c>.</summary>
public sealed partial class AppMetadata : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private JsonElement _functions;

    /// <summary>The paths that need no key.</summary>
    public IReadOnlyList<string> AnonymousPaths =>
    [
        .. Bindings("httpTrigger")
            .Where(trigger => trigger.GetProperty("authLevel").GetString() == "Anonymous")
            .Select(trigger => $"/{trigger.GetProperty("route").GetString()}"),
    ];

    /// <summary>
    /// The settings that bindings name between percent signs, as names of environment variables. A Functions host must have them all.
    /// </summary>
    public IReadOnlyList<string> SettingsOfBindings =>
    [
        .. _functions.EnumerateArray()
            .SelectMany(function => Setting().Matches(function.GetProperty("bindings").GetRawText()))
            .Select(match => match.Groups[1].Value.Replace(":", "__", StringComparison.Ordinal))
            .Distinct(),
    ];

    /// <summary>
    /// The settings that bindings name as the connection of their queue. A Functions host must have each of them in one of its forms.
    /// </summary>
    public IReadOnlyList<string> ConnectionsOfBindings =>
    [
        .. _functions.EnumerateArray()
            .SelectMany(function => function.GetProperty("bindings").EnumerateArray())
            .Where(binding => binding.TryGetProperty("connection", out _))
            .Select(binding => binding.GetProperty("connection").GetString()!)
            .Distinct(),
    ];

    public async Task InitializeAsync()
    {
        var file = _folder.Combine("functions.metadata");
        var run = await ToolResult.RunAsync(Repository.Functions, ["--functions-metadata", file]);
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

    [GeneratedRegex("%([^%\"]+)%")]
    private static partial Regex Setting();
}
