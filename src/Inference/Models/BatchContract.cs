using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// The permission to compute requests in other runs than they were sent: to join requests of different callers in one run, to split one
/// request over several runs, and to pad inputs to a common length. Without it every request is one run, as it was sent. A permission
/// ends for good with the first run that contradicts it; the form of requests and responses (<see cref="ItemAxis"/>) never changes.
/// Each version of a model has one, shared by all its queues. Thread-safe.
/// </summary>
public sealed class BatchContract
{
    /// <summary>No permission: every request runs as it was sent.</summary>
    internal static readonly BatchContract None = new(new BatchingSettings(), BatchContractKind.None);

    private readonly BatchingSettings _settings;
    private string? _violation;

    private BatchContract(BatchingSettings settings, BatchContractKind kind) => (_settings, Kind) = (settings, kind);

    /// <summary>Where the permission comes from, also after it has ended.</summary>
    public BatchContractKind Kind { get; }

    /// <summary>What a run did against the contract, which has ended it; null while it holds.</summary>
    public string? Violation => Volatile.Read(ref _violation);

    /// <summary>A sentence about the violation and its effect, for people; null while the contract holds.</summary>
    public string? Ending => Violation is not { } violation ? null
        : Kind == BatchContractKind.SingleItem
            ? $"The model takes one item a run but does not answer with one row, so requests of several items are refused. {violation}"
            : $"The model broke its batch contract, so every request runs as it was sent. {violation} "
                + "Correct the model, or set batching.contract to \"none\".";

    /// <summary>Whether requests may share a run, and whether their inputs may be padded for that.</summary>
    internal bool AllowsJoining => Kind == BatchContractKind.Declared && Violation is null;

    /// <summary>Whether the items of one request may go in several runs.</summary>
    internal bool AllowsSplitting => Kind != BatchContractKind.None && Violation is null;

    /// <param name="settings">Checked against the signature.</param>
    /// <param name="before">The contract of the last load of the same files, which is kept while the settings are the same.</param>
    internal static BatchContract Create(BatchingSettings settings, ModelSignature signature, BatchContract? before = null)
    {
        var kind = signature.ItemAxis switch
        {
            ItemAxis.Single => BatchContractKind.SingleItem,
            ItemAxis.Dynamic when settings.Contract == ContractChoice.Declared => BatchContractKind.Declared,
            ItemAxis.Dynamic or ItemAxis.None => BatchContractKind.None,
        };
        return before?.Kind == kind && before._settings == settings ? before : new BatchContract(settings, kind);
    }

    /// <summary>Ends the contract if the outputs of a run do not have exactly one row for each of its items.</summary>
    /// <returns>Whether this run has ended it; false when it had ended before.</returns>
    internal bool IsEndedBy(ModelSignature signature, int[] outputs, Tensor[] results, int items)
    {
        if (!AllowsSplitting)
            return false;
        for (var i = 0; i < results.Length; i++)
        {
            var shape = results[i].Shape;
            if (shape.Rank > 0 && shape[0] == items)
                continue;
            var counted = items == 1 ? "1 item" : $"{items} items";
            var violation = $"Output \"{signature.Outputs[outputs[i]].Name}\" had shape {shape} for {counted}; one row for each item is expected.";
            return Interlocked.CompareExchange(ref _violation, violation, null) is null;
        }

        return false;
    }
}
