using System.Text.Json;
using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Streaming;

namespace Functions.Worker.TestHost.Functions;

/// <summary>
/// Reads the functions that a worker reports. Metadata that the host would refuse is a violation. A function without a trigger is left out.
/// </summary>
internal static class MetadataCheck
{
    public static IReadOnlyList<HostFunction> Read(FunctionMetadataResponse response, ProtocolViolations violations)
    {
        if (response.UseDefaultMetadataIndexing)
            violations.Add("use_default_metadata_indexing is set: the host ignores the worker's functions and reads function.json files.");
        CheckDistinct(response, "ids", metadata => metadata.FunctionId, violations);
        CheckDistinct(response, "names", metadata => metadata.Name.ToUpperInvariant(), violations);
        return [.. response.FunctionMetadataResults.DistinctBy(metadata => metadata.FunctionId)
            .Select(metadata => Read(metadata, violations)).OfType<HostFunction>()];
    }

    private static void CheckDistinct(
        FunctionMetadataResponse response, string keyName, Func<RpcFunctionMetadata, string> key, ProtocolViolations violations)
    {
        var keys = response.FunctionMetadataResults.Select(key).ToList();
        if (keys.Contains("") || keys.Distinct().Count() != keys.Count)
            violations.Add($"The functions' {keyName} are not distinct, or empty: {string.Join(", ", keys)}.");
    }

    private static HostFunction? Read(RpcFunctionMetadata metadata, ProtocolViolations violations)
    {
        var found = new List<string>();
        if (metadata.ScriptFile.Length == 0 || metadata.EntryPoint.Length == 0)
            found.Add("has no script_file or no entry_point");
        var bindings = new List<JsonElement>();
        foreach (var raw in metadata.RawBindings)
        {
            if (Parse(raw) is { ValueKind: JsonValueKind.Object } binding)
                bindings.Add(binding);
            else
                found.Add($"has a binding that is not a JSON object: {raw}");
        }

        CheckBindings(bindings, found);
        foreach (var problem in found)
            violations.Add($"Function {metadata.Name} {problem}.");
        return bindings.Exists(HostFunction.IsTrigger) ? new HostFunction(metadata, bindings) : null;
    }

    private static void CheckBindings(List<JsonElement> bindings, List<string> found)
    {
        if (bindings.Count(HostFunction.IsTrigger) is var triggers and not 1)
            found.Add($"has {triggers} triggers");
        if (bindings.Select(binding => HostFunction.Text(binding, "name")?.ToUpperInvariant()).ToHashSet() is var names
            && (names.Count != bindings.Count || names.Contains(null)))
        {
            found.Add("has bindings without a name of their own");
        }

        foreach (var binding in bindings)
        {
            if (HostFunction.Text(binding, "direction") is not ("In" or "Out" or "InOut"))
                found.Add($"has a binding without a direction: {binding}");
            if (HostFunction.Text(binding, "route")?.StartsWith("admin", StringComparison.OrdinalIgnoreCase) == true)
                found.Add($"has a route that the host keeps for itself: {binding}");
            // The host resolves a %setting% later.
            if (HostFunction.Text(binding, "queueName") is { } queue && !queue.Contains('%') && queue.Length is < 3 or > 63)
                found.Add($"has a queue whose name no storage accepts: {binding}");
        }
    }

    private static JsonElement? Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
