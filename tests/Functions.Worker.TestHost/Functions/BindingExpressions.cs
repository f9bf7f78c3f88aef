using Microsoft.Extensions.Configuration;

namespace Functions.Worker.TestHost.Functions;

/// <summary>
/// Resolves names between percent signs in a binding, as the host does. The host looks up the literal name in its own settings. There, the
/// <c>__</c> in the name of an environment variable has become <c>:</c>. The host does not know the app's defaults.
/// </summary>
internal sealed class BindingExpressions
{
    private static readonly string[] Properties = ["queueName", "schedule"];

    private readonly IConfiguration _settings;

    public BindingExpressions(IReadOnlyDictionary<string, string> settings) => _settings = new ConfigurationBuilder()
        .AddEnvironmentVariables()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(
            setting.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), (string?)setting.Value)))
        .Build();

    /// <summary>Returns the host's message when it does not index the function; null when it does.</summary>
    public string? FindProblem(HostFunction function)
    {
        foreach (var text in function.Bindings.SelectMany(binding => Properties.Select(property => HostFunction.Text(binding, property))))
        {
            if (text is not null && Resolve(text, out var unresolved) is null)
                return $"'%{unresolved}%' does not resolve to a value.";
        }

        return null;
    }

    public string Resolve(string text) =>
        Resolve(text, out var unresolved) ?? throw new ArgumentException($"'%{unresolved}%' does not resolve to a value.");

    private string? Resolve(string text, out string unresolved)
    {
        var parts = text.Split('%');
        // Parts between two percent signs have odd indices.
        for (var i = 1; i < parts.Length; i += 2)
        {
            unresolved = parts[i];
            if (i == parts.Length - 1 || _settings[parts[i]] is not { Length: > 0 } value)
                return null;
            parts[i] = value;
        }

        unresolved = "";
        return string.Concat(parts);
    }
}
