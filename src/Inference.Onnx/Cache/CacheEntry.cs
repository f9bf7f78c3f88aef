using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Inference.Models;

namespace Inference.Onnx.Cache;

/// <summary>What is known of a model from an earlier start; one line of text on disk.</summary>
/// <param name="Key">The model's <see cref="CacheKey.OfContent"/>.</param>
/// <param name="GraphHash">The hash of its optimized graph's file; null when it has none, because it does not pay or cannot be had.</param>
/// <param name="Plan">Null when it is not measured yet.</param>
internal sealed record CacheEntry(string Key, string? GraphHash, ExecutionPlan? Plan)
{
    private const string None = "-";

    public static bool TryParse(string text, [NotNullWhen(true)] out CacheEntry? entry)
    {
        entry = null;
        var fields = text.TrimEnd('\n').Split(' ');
        if (fields.Length != 4 || !CacheKey.IsValid(fields[0]) || (fields[1] != None && !CacheKey.IsValid(fields[1])))
            return false;
        var plan = TryParseNumber(fields[2], out var threads) && TryParseNumber(fields[3], out var maxBatch) ? new ExecutionPlan(threads, maxBatch) : null;
        if (plan is null && (fields[2] != None || fields[3] != None))
            return false;
        entry = new CacheEntry(fields[0], fields[1] == None ? null : fields[1], plan);
        return true;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Key} {GraphHash ?? None} {Text(Plan?.Threads)} {Text(Plan?.MaxBatch)}\n");

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? None;

    private static bool TryParseNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
}
