using System.Text.Json;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost;

/// <summary>A function as the host knows it from the function's metadata.</summary>
public sealed class HostFunction
{
    internal HostFunction(RpcFunctionMetadata metadata, IReadOnlyList<JsonElement> bindings)
    {
        Metadata = metadata;
        Bindings = bindings;
        Trigger = bindings.First(IsTrigger);
    }

    public string Id => Metadata.FunctionId;

    public string Name => Metadata.Name;

    public RpcFunctionMetadata Metadata { get; }

    public IReadOnlyList<JsonElement> Bindings { get; }

    public JsonElement Trigger { get; }

    public string TriggerName => Text(Trigger, "name")!;

    public bool IsHttp => TypeOf(Trigger).Equals("httpTrigger", StringComparison.OrdinalIgnoreCase);

    /// <summary>The route without the prefix. Default: the function's name.</summary>
    public string Route => Text(Trigger, "route") is { Length: > 0 } route ? route : Name;

    /// <summary>The HTTP methods; empty when the function accepts every method.</summary>
    public IReadOnlyList<string> Methods =>
        Trigger.TryGetProperty("methods", out var methods) && methods.ValueKind == JsonValueKind.Array
            ? [.. methods.EnumerateArray().Select(method => method.GetString()!)]
            : [];

    /// <summary>The authorization level in lower case. Default, as in the host: "function".</summary>
    public string AuthLevel => Text(Trigger, "authLevel")?.ToLowerInvariant() ?? "function";

    /// <summary>
    /// The reason why the host did not index (accept) the function; null when it did. Such a function never runs, but the others do.
    /// </summary>
    public string? IndexError { get; internal set; }

    /// <summary>
    /// The reason why the function did not load; null when it did. The host responds with this reason to each invocation of the function.
    /// </summary>
    public string? LoadError { get; internal set; }

    internal static bool IsTrigger(JsonElement binding) => TypeOf(binding).EndsWith("Trigger", StringComparison.OrdinalIgnoreCase);

    internal static string? Text(JsonElement binding, string property) =>
        binding.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string TypeOf(JsonElement binding) => Text(binding, "type") ?? "";
}
