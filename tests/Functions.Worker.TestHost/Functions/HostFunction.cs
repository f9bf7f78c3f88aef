using System.Text.Json;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost;

/// <summary>A function as the host knows it: from its metadata alone.</summary>
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

    /// <summary>Without the prefix; the function's name when it has none of its own.</summary>
    public string Route => Text(Trigger, "route") is { Length: > 0 } route ? route : Name;

    /// <summary>Empty when it takes them all.</summary>
    public IReadOnlyList<string> Methods =>
        Trigger.TryGetProperty("methods", out var methods) && methods.ValueKind == JsonValueKind.Array
            ? [.. methods.EnumerateArray().Select(method => method.GetString()!)]
            : [];

    /// <summary>In lower case, as "function", which is the host's default.</summary>
    public string AuthLevel => Text(Trigger, "authLevel")?.ToLowerInvariant() ?? "function";

    /// <summary>Why the host did not index it: such a function never runs, and the others do. Null for one that was indexed.</summary>
    public string? IndexError { get; internal set; }

    /// <summary>Why it did not load. The host answers each of its invocations with that.</summary>
    public string? LoadError { get; internal set; }

    internal static bool IsTrigger(JsonElement binding) => TypeOf(binding).EndsWith("Trigger", StringComparison.OrdinalIgnoreCase);

    internal static string? Text(JsonElement binding, string property) =>
        binding.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string TypeOf(JsonElement binding) => Text(binding, "type") ?? "";
}
