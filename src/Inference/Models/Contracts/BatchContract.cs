using System.Collections.Immutable;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Models.Contracts;

/// <summary>
/// Decides whether the server may join, split and pad the requests of a model. With the permission, requests of different callers may share
/// a run, and one request may be split over several runs. Inputs may then be padded to a common length. Without the permission, every
/// request is one run with the tensors that the caller sent.
/// </summary>
/// <remarks>
/// The permission may begin after the load, when the session has its <see cref="BatchVerdict"/>. A <see cref="Violation"/> ends the
/// permission permanently. The form of requests and responses (<see cref="ItemAxis"/>) never changes. Each load of a version has one
/// contract, shared by all queues of the load. Thread-safe.
/// </remarks>
public sealed class BatchContract
{
    /// <summary>No permission: every request runs as it was sent.</summary>
    internal static readonly BatchContract None =
        new(new BatchingSettings(), BatchContractKind.None, layout: null, session: null, new ContractRecord());

    private readonly BatchingSettings _settings;

    /// <summary>The possible source of the permission. The proof may still be pending.</summary>
    private readonly BatchContractKind _source;
    private bool _canBeDeclared;

    /// <summary>The layout. The field is set only once, because the items of a model always have the same axes.</summary>
    private BatchLayout? _layout;

    /// <summary>The session whose verdict decides; null where the settings decide, and after <see cref="Detach"/>.</summary>
    private IModelSession? _session;
    private BatchVerdict _lastVerdict = BatchVerdict.Unexamined;

    private BatchContract(
        BatchingSettings settings, BatchContractKind source, BatchLayout? layout, IModelSession? session, ContractRecord record) =>
        (_settings, _source, _layout, _session, Record) = (settings, source, layout, session, record);

    /// <summary>The source of the permission, also after the end of the contract.</summary>
    public BatchContractKind Kind => IsProofMissing ? BatchContractKind.None : _source;

    /// <summary>The server's verdict on the model. <see cref="BatchVerdict.Unexamined"/> where the settings decide.</summary>
    public BatchVerdict Verdict => Volatile.Read(ref _session) is not { } session ? _lastVerdict
        : session.BatchVerdict is { Layout: { } layout } && FindStringsOffFirstAxis(session.Signature, layout) is { } name
            ? BatchVerdict.NotProven(
                $"\"{name}\" has strings, and its first dimension does not count the items. "
                + "Strings are only joined along the first dimension.")
            : session.BatchVerdict;

    /// <summary>
    /// Advice for the model's owner on how to let requests share runs. Null when requests already share runs, or when no change would help.
    /// </summary>
    public string? Advice => _canBeDeclared && IsProofMissing && Verdict.Kind != BatchVerdictKind.Pending
        ? "If the result of an item never depends on the other items of its run, set batching.contract to \"declared\"."
        : null;

    /// <summary>The numbers of audited parts of joined runs, and the violation.</summary>
    internal ContractRecord Record { get; }

    /// <summary>The violation that ended the contract; null while the contract holds.</summary>
    public string? Violation => Record.Violation;

    /// <summary>A sentence about the violation and its effect, for people; null while the contract holds.</summary>
    public string? EndMessage => Violation is not { } violation ? null : _source switch
    {
        BatchContractKind.SingleItem =>
            "The model accepts one item per run, but its output does not have exactly one row. Requests with several items are refused. "
            + violation,
        BatchContractKind.Proven =>
            "The server considered the items of a run independent, but a run has shown that they are not. Every request now runs as it was "
            + $"sent. {violation} Report this defect of the server with the model, and set batching.contract to \"none\".",
        BatchContractKind.Declared or BatchContractKind.None =>
            $"The model broke its batch contract, so every request runs as it was sent. {violation} "
            + "Correct the model, or set batching.contract to \"none\".",
    };

    /// <summary>The layout of the items of requests that can be joined or split; null while every request runs as it was sent.</summary>
    internal BatchLayout? Layout => Violation is null ? FindLayout() : null;

    /// <summary>Whether requests may share a run. Inputs may be padded only if requests may share a run.</summary>
    internal bool AllowsJoining => _source != BatchContractKind.SingleItem && Layout is not null;

    /// <summary>Whether the items of one request may be split over several runs.</summary>
    internal bool AllowsSplitting => Layout is not null;

    /// <summary>Whether requests may share runs now or later.</summary>
    internal bool CanAllowJoining => _source is BatchContractKind.Declared or BatchContractKind.Proven;

    private bool IsProofMissing => _source == BatchContractKind.Proven && Violation is null && FindLayout() is null;

    /// <summary>Creates the contract of a loaded version.</summary>
    /// <param name="settings">The settings, checked against the signature.</param>
    /// <param name="previous">
    /// The contract of the last load of the same files. If that contract has ended and the settings are the same, the new contract has
    /// ended too.
    /// </param>
    public static BatchContract Create(BatchingSettings settings, IModelSession session, BatchContract? previous = null)
    {
        var axis = session.Signature.ItemAxis;
        var source = (axis, settings.Contract) switch
        {
            (ItemAxis.Single, _) => BatchContractKind.SingleItem,
            (ItemAxis.Dynamic, ContractChoice.Declared) => BatchContractKind.Declared,
            (ItemAxis.Dynamic or ItemAxis.None, ContractChoice.Proven) => BatchContractKind.Proven,
            (ItemAxis.Dynamic or ItemAxis.None, ContractChoice.None or ContractChoice.Declared) => BatchContractKind.None,
        };
        return new BatchContract(
            settings,
            source,
            source is BatchContractKind.SingleItem or BatchContractKind.Declared ? BatchLayout.FromFirstAxis(session.Signature) : null,
            source == BatchContractKind.Proven ? session : null,
            previous?._source == source && previous._settings == settings ? previous.Record : new ContractRecord())
        {
            _canBeDeclared = axis == ItemAxis.Dynamic,
        };
    }

    /// <summary>Ends the contract if the outputs of a run do not have exactly one slice for each item of the run.</summary>
    /// <param name="layout">The layout of the items in the run.</param>
    /// <returns>Whether this run has ended the contract; false when the contract had already ended.</returns>
    internal bool TryEndByShapes(ModelSignature signature, BatchLayout layout, int[] outputs, Tensor[] results, int items)
    {
        if (!AllowsSplitting)
            return false;
        for (var i = 0; i < results.Length; i++)
        {
            var (shape, axis) = (results[i].Shape, layout.Outputs[outputs[i]]);
            if (shape.Rank > axis && shape[axis] == items)
                continue;
            var expected = axis == 0 ? "one row for each item is expected" : $"dimension {axis} is expected to be the number of items";
            return Record.TryEnd(
                $"Output \"{signature.Outputs[outputs[i]].Name}\" had shape {shape} for {Counted.Text(items, "item")}; {expected}.");
        }

        return false;
    }

    /// <summary>Counts an audit with a different result. The second such audit ends the contract.</summary>
    /// <param name="violation">A sentence that describes the difference.</param>
    /// <returns>Whether this audit has ended the contract; false when the contract had already ended.</returns>
    internal bool TryEndByDifference(string violation) =>
        Record.CountDifference() >= ContractRecord.MaxDifferences && Record.TryEnd(violation);

    /// <summary>Releases the session, which is about to be disposed. The contract keeps the session's last verdict.</summary>
    internal void Detach()
    {
        _lastVerdict = Verdict;
        Volatile.Write(ref _session, null);
    }

    private BatchLayout? FindLayout() => Volatile.Read(ref _layout) ?? (_source == BatchContractKind.Proven ? FindProvenLayout() : null);

    private BatchLayout? FindProvenLayout()
    {
        if (Volatile.Read(ref _session) is not { BatchVerdict.Layout: { } layout } session
            || FindStringsOffFirstAxis(session.Signature, layout) is not null)
        {
            return null;
        }

        return Interlocked.CompareExchange(ref _layout, layout, null) ?? layout;
    }

    /// <summary>Returns the name of a tensor of strings whose items are not the first dimension; null when there is none.</summary>
    private static string? FindStringsOffFirstAxis(ModelSignature signature, BatchLayout layout)
    {
        return Find(signature.Inputs, layout.Inputs) ?? Find(signature.Outputs, layout.Outputs);

        static string? Find(ImmutableArray<TensorSpec> specs, ImmutableArray<int> axes)
        {
            for (var i = 0; i < axes.Length; i++)
            {
                if (axes[i] > 0 && specs[i].Type == ElementType.Bytes)
                    return specs[i].Name;
            }

            return null;
        }
    }
}
