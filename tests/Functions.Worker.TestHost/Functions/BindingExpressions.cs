using Microsoft.Extensions.Configuration;

namespace Functions.Worker.TestHost.Functions;

/// <summary>
/// What stands between percent signs in a binding, resolved as the host does it: looked up literally in the host's own settings, where the
/// <c>__</c> of an environment variable's name has become <c>:</c>. The host does not know the app's defaults.
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

    /// <summary>Why the host does not index the function, in its words; null when it does.</summary>
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
        // What lies between two percent signs has an odd index.
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
