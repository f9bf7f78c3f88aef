using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Onnx.Cache;

namespace Inference.Onnx.Preparation;

/// <summary>A loaded model that is prepared for its next start.</summary>
/// <param name="Identity">The name of the model file in the cache, computed before the file was read; null without a cache.</param>
/// <param name="Known">The cache's entry for the model; null for none.</param>
/// <param name="GraphPays">Whether the load took so long that a faster one matters.</param>
internal sealed record PreparedModel(SessionSource Source, OnnxSession Session, string? Identity, CacheEntry? Known, bool GraphPays)
{
    /// <summary>The verdict that can be kept for later loads; null when there is none.</summary>
    public BatchVerdict? Verdict { get; init; } = Known?.Verdict;

    /// <summary>
    /// Whether it must still be examined whether requests may share runs, or whether their inputs may be padded for that.
    /// </summary>
    public bool IsExaminationDue => Session.BatchVerdict.Kind == BatchVerdictKind.Pending
        || (Session.BatchVerdict.Layout is not null && !Source.PaddingOf(Session.Signature).IsEmpty);

    /// <summary>Whether something remains to be examined or measured that is not known from an earlier load.</summary>
    public bool IsDue => IsExaminationDue || !HasPlan(Known);

    /// <summary>
    /// Whether requests share runs, as far as is known now, so that the size of a batch matters. The runs of token models are limited by
    /// their tokens instead.
    /// </summary>
    public bool Joins => TokenInput.Find(Session.Signature) < 0
        && (Session.BatchVerdict.Layout is not null
            || (Source.Contract == ContractChoice.Declared && Session.Signature.ItemAxis == ItemAxis.Dynamic));

    /// <summary>Whether an entry of the cache has the best plan for the model.</summary>
    public bool HasPlan(CacheEntry? entry) => entry?.Plan is not null && (entry.IsBatchMeasured || !Joins);
}
