using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;

namespace Inference.Onnx.Cache;

/// <summary>The results of earlier measurements of a model: one line of text on disk.</summary>
/// <param name="Key">The <see cref="ModelContent.Key"/> of the model.</param>
/// <param name="GraphHash">
/// The hash of the optimized graph's file. Null without a file: the graph would save no time, is not created yet, or cannot be created.
/// </param>
/// <param name="Plan">The measured plan; null before the measurement.</param>
internal sealed record CacheEntry(string Key, string? GraphHash, ExecutionPlan? Plan)
{
    private const string None = "-";

    /// <summary>The names of the files with external data: see <see cref="ExternalFiles.EscapedNames"/>.</summary>
    public string ExternalFileNames { get; init; } = "";

    /// <summary>
    /// Whether the batch size of the plan was measured. The batch size is not measured for a model whose requests do not share runs.
    /// </summary>
    public bool IsBatchMeasured { get; init; } = true;

    /// <summary>
    /// The result of an earlier examination: whether an item's result depends on the other items of its run. Null when the model must be
    /// examined.
    /// </summary>
    public BatchVerdict? Verdict { get; init; }

    /// <summary>Creates an entry without results.</summary>
    public static CacheEntry CreateEmpty(ModelContent content) =>
        new(content.Key, GraphHash: null, Plan: null) { ExternalFileNames = content.ExternalFileNames };

    /// <summary>Parses the line that <see cref="ToString"/> creates.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CacheEntry? entry)
    {
        entry = null;
        var fields = text.TrimEnd('\n').Split(' ');
        if (fields.Length != 6 || !CacheKey.IsValid(fields[0]) || (fields[1] != None && !CacheKey.IsValid(fields[1])))
            return false;
        if (!TryParsePlan(fields[2], fields[3], out var plan) || !VerdictText.TryParse(fields[4], out var verdict) || fields[5].Length == 0)
            return false;
        entry = new CacheEntry(fields[0], fields[1] == None ? null : fields[1], plan)
        {
            IsBatchMeasured = plan is null || fields[3] != None,
            Verdict = verdict,
            ExternalFileNames = fields[5] == None ? "" : fields[5],
        };
        return true;
    }

    public override string ToString()
    {
        var (threads, maxBatch) = (Format(Plan?.Threads), IsBatchMeasured ? Format(Plan?.MaxBatch) : None);
        var externalNames = ExternalFileNames.Length == 0 ? None : ExternalFileNames;
        return $"{Key} {GraphHash ?? None} {threads} {maxBatch} {VerdictText.Format(Verdict)} {externalNames}\n";
    }

    private static string Format(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? None;

    /// <param name="plan">
    /// Receives the plan; null when the text has no plan. If the batch size was not measured, the plan has the default batch size.
    /// </param>
    private static bool TryParsePlan(string threadsText, string maxBatchText, out ExecutionPlan? plan)
    {
        plan = null;
        if (threadsText == None)
            return maxBatchText == None;
        var maxBatch = ExecutionPlan.Default.MaxBatch;
        if (!TryParseNumber(threadsText, ExecutionSettings.MaxThreads, out var threads)
            || (maxBatchText != None && !TryParseNumber(maxBatchText, ExecutionPlan.Default.MaxBatch, out maxBatch)))
        {
            return false;
        }

        plan = new ExecutionPlan(threads, maxBatch);
        return true;
    }

    /// <param name="max">
    /// The maximum valid number. An entry may come from another machine. Without a limit, its number could start a million threads here.
    /// </param>
    private static bool TryParseNumber(string text, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0 && number <= max;
}
