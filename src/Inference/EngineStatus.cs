using System.Diagnostics.Metrics;
using Inference.Catalog;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference;

/// <summary>The state of the engine at one moment, for the status page and the metrics.</summary>
public sealed class EngineStatus : IDisposable
{
    private readonly ModelCatalog _catalog;
    private readonly Governor _governor;
    private readonly MemoryBudget _budget;
    private readonly StallWatch _stall;
    private readonly Meter _meter = new(InferenceMetrics.MeterName);

    public EngineStatus(ModelCatalog catalog, Governor governor, MemoryBudget budget, TimeProvider time)
    {
        (_catalog, _governor, _budget, _stall) = (catalog, governor, budget, new StallWatch(governor, time));
        _meter.CreateObservableUpDownCounter("inference.requests.in_flight", () =>
            InferenceMetrics.InFlight, "{request}", "Predictions under way, those that wait included.");
        _meter.CreateObservableUpDownCounter("inference.queue.depth", () =>
            Observe(model => model.Load.Waiting), "{request}", "Requests that wait for a slot.");
        _meter.CreateObservableUpDownCounter("inference.batches.running", () =>
            Observe(model => model.Load.Running), "{batch}", "Batches that run, those on their callers' threads not included.");
        _meter.CreateObservableUpDownCounter("inference.model.memory", () =>
            Observe(model => model.Memory.Bytes), "By", "Memory of a loaded model.");
        _meter.CreateObservableUpDownCounter(
            "inference.batch.contract.broken",
            () => ObserveContracts(contract => contract.Violation is null ? 0 : 1),
            "{version}",
            "1 for a version that broke its batch contract, 0 while the contract holds.");
        _meter.CreateObservableCounter(
            "inference.batch.audits",
            () => ObserveContracts(contract => contract.Audits.All),
            "{audit}",
            "Parts of joined runs that ran once more alone and were compared.");
        _meter.CreateObservableCounter(
            "inference.batch.failed_audits",
            () => ObserveContracts(contract => contract.Audits.Failed),
            "{audit}",
            "Parts of joined runs whose run alone failed or took too long, so that nothing was compared.");
        _meter.CreateObservableCounter(
            "inference.batch.differences",
            () => ObserveContracts(contract => contract.Audits.Different),
            "{audit}",
            "Audits in which the result alone was another one than in the batch.");
        _meter.CreateObservableUpDownCounter(
            "inference.model.quarantined",
            ObserveQuarantine,
            "{version}",
            "1 for a version that is not loaded because it crashed a process or failed its trial, 0 otherwise.");
        _meter.CreateObservableUpDownCounter("inference.memory.used", () =>
            budget.Used, "By", "Memory of models that are loaded, being loaded, or leaving.");
        _meter.CreateObservableUpDownCounter("inference.memory.limit", () => budget.Limit, "By", "Models__MemoryBudget.");
        _meter.CreateObservableUpDownCounter("inference.requests.memory.used", static () =>
            RequestMemory.Used, "By", "Memory of requests, their answers and their connections.");
        _meter.CreateObservableUpDownCounter("inference.requests.memory.limit", static () =>
            RequestMemory.Limit, "By", "Http__MemoryBudget.");
        _meter.CreateObservableCounter("inference.requests.memory.refusals", static () =>
            RequestMemory.Refusals, "{refusal}", "Times that a request was refused for lack of memory.");
        _meter.CreateObservableUpDownCounter("inference.slots", () => (long)governor.Slots, "{slot}", "Compute slots.");
        _meter.CreateObservableUpDownCounter("inference.slots.used", () =>
            (long)(governor.Slots - governor.Free), "{slot}", "Compute slots that a run holds.");
        _meter.CreateObservableUpDownCounter("inference.slots.lent", () =>
            (long)governor.Lent, "{slot}", "Compute slots of long runs, lent to other models.");
    }

    public int Slots => _governor.Slots;

    public int FreeSlots => _governor.Free;

    /// <summary>Slots of long runs that other work may use meanwhile. They do not count as slots in use.</summary>
    public int LentSlots => _governor.Lent;

    /// <summary>A description of each piece of work that was cancelled and does not end, for people.</summary>
    public IReadOnlyList<string> AbandonedWork =>
    [
        .. _catalog.Limits.AbandonedWork,
        .. Served().SelectMany(model => model.Versions).Concat(_catalog.Retired()).Select(DescribeRuns).OfType<string>(),
    ];

    /// <summary>Bytes of models.</summary>
    public long MemoryUsed => _budget.Used;

    /// <summary>Bytes that models may take.</summary>
    public long MemoryLimit => _budget.Limit;

    /// <summary>Bytes that requests and their answers take.</summary>
    public static long RequestMemoryUsed => RequestMemory.Used;

    /// <summary>Bytes that requests and their answers may take together.</summary>
    public static long RequestMemoryLimit => RequestMemory.Limit;

    /// <summary>Whether any model answers without its store.</summary>
    public bool HasLoaded => LoadedModels().Any();

    /// <summary>The versions that are known here, those that nobody has asked for not among them.</summary>
    public IReadOnlyList<VersionStatus> Models() =>
        [.. Served().SelectMany(model => model.Versions.Select(slot => Describe(model, slot)))
            .OrderBy(version => version.Model.Version.Id.Name.Value, StringComparer.Ordinal)
            .ThenBy(version => version.Model.Version.Id.Version)];

    /// <summary>
    /// Returns the time for which compute slots have been in use without a run; zero when something runs. Each call is an observation.
    /// </summary>
    public TimeSpan LookForStall() => _stall.Look();

    public void Dispose() => _meter.Dispose();

    private static string? DescribeRuns(ModelSlot slot) =>
        slot.CancelledRuns is > 0 and var runs ? $"{runs} cancelled runs of model {slot.Version.Id}" : null;

    private static VersionStatus Describe(ServedModel model, ModelSlot slot)
    {
        var (waiting, running, _) = slot.Loaded?.Load ?? default;
        return new VersionStatus(model.Describe(slot), slot.Loaded?.Memory.Bytes ?? 0, waiting, running)
        {
            Plan = slot.Loaded?.Session.Plan,
        };
    }

    private IEnumerable<ServedModel> Served() => _catalog.Names.Select(_catalog.Find).OfType<ServedModel>();

    private IEnumerable<Measurement<long>> ObserveContracts(Func<BatchContract, long> value)
    {
        foreach (var slot in Served().SelectMany(model => model.Versions))
        {
            if (slot.Contract is not { Kind: not BatchContractKind.None } contract)
                continue;
            yield return new Measurement<long>(value(contract), slot.Tags.Model, slot.Tags.Version);
        }
    }

    private IEnumerable<Measurement<long>> ObserveQuarantine() => Served().SelectMany(model => model.Versions)
        .Select(slot => new Measurement<long>(slot.IsQuarantined ? 1 : 0, slot.Tags.Model, slot.Tags.Version));

    private IEnumerable<LoadedModel> LoadedModels() =>
        Served().SelectMany(model => model.Versions).Select(slot => slot.Loaded).OfType<LoadedModel>();

    private IEnumerable<Measurement<long>> Observe(Func<LoadedModel, long> value) =>
        LoadedModels().Select(loaded => new Measurement<long>(value(loaded), loaded.Telemetry.Tags.Model, loaded.Telemetry.Tags.Version));
}

/// <summary>A version and what it is at.</summary>
/// <param name="Bytes">The memory in bytes; zero when the version is not loaded.</param>
/// <param name="Waiting">Requests.</param>
/// <param name="Running">Batches.</param>
public sealed record VersionStatus(ModelStatus Model, long Bytes, int Waiting, int Running)
{
    /// <summary>How the version runs on this machine; null when the version is not loaded.</summary>
    public ExecutionPlan? Plan { get; init; }
}
