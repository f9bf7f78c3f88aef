using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Onnx.Cache;

namespace Inference.Onnx.Preparation;

/// <summary>A loaded model that is prepared for its next load.</summary>
/// <param name="Identity">
/// The identity of the model's files (<see cref="GraphCache.Identify"/>), computed before the files were read; null without a cache.
/// </param>
/// <param name="Known">The cache's entry for the model; null for none.</param>
/// <param name="IsGraphWorthwhile">Whether the load took so long that an optimized graph is worthwhile.</param>
internal sealed record ModelToPrepare(
    SessionSource Source, OnnxSession Session, string? Identity, CacheEntry? Known, bool IsGraphWorthwhile)
{
    /// <summary>The verdict that can be kept for later loads; null when there is none.</summary>
    public BatchVerdict? Verdict { get; init; } = Known?.Verdict;

    /// <summary>
    /// Whether an examination is due. The examination decides whether requests may share runs, and whether inputs may be padded.
    /// </summary>
    public bool IsExaminationDue => Session.BatchVerdict.Kind == BatchVerdictKind.Pending
        || (Session.BatchVerdict.Layout is not null && !Source.GetPadding(Session.Signature).IsEmpty);

    /// <summary>Whether the preparation has work: an examination, or a measurement whose result no earlier load has cached.</summary>
    public bool IsDue => IsExaminationDue || !HasPlan(Known);

    /// <summary>
    /// Whether requests share runs, so that the best batch size must be measured. The current verdict or the settings decide this. False
    /// for models with token inputs: the number of tokens limits their runs, and not a batch size.
    /// </summary>
    public bool SharesRuns => TokenInput.FindIds(Session.Signature) < 0
        && (Session.BatchVerdict.Layout is not null
            || (Source.Contract == ContractChoice.Declared && Session.Signature.ItemAxis == ItemAxis.Dynamic));

    /// <summary>Whether an entry of the cache has everything that must be measured for the model's plan.</summary>
    public bool HasPlan(CacheEntry? entry) => entry?.Plan is not null && (entry.IsBatchMeasured || !SharesRuns);
}
