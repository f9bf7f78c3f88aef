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
    private readonly StallWatch _stallWatch;
    private readonly Meter _meter = new(InferenceMetrics.MeterName);

    public EngineStatus(ModelCatalog catalog, Governor governor, MemoryBudget budget, TimeProvider time)
    {
        (_catalog, _governor, _budget, _stallWatch) = (catalog, governor, budget, new StallWatch(governor, time));
        AddModelMetrics();
        AddContractMetrics();
        AddMemoryMetrics();
        AddSlotMetrics();
    }

    /// <summary>The number of compute slots.</summary>
    public int Slots => _governor.Slots;

    /// <summary>The number of compute slots that no run holds.</summary>
    public int FreeSlots => _governor.FreeSlots;

    /// <summary>The number of compute slots that long runs have lent to other work. Lent slots do not count as slots in use.</summary>
    public int LentSlots => _governor.LentSlots;

    /// <summary>Descriptions of the work that was cancelled but has not ended, as readable text.</summary>
    public IReadOnlyList<string> AbandonedWork =>
    [
        .. _catalog.Limits.AbandonedWork,
        .. GetServedModels().SelectMany(model => model.Versions).Concat(_catalog.GetRetiredSlots()).Select(DescribeRuns).OfType<string>(),
    ];

    /// <summary>The memory that models use, in bytes.</summary>
    public long MemoryUsed => _budget.Used;

    /// <summary>The memory budget of models, in bytes.</summary>
    public long MemoryLimit => _budget.Limit;

    /// <summary>The memory that requests and their responses use, in bytes.</summary>
    public static long RequestMemoryUsed => RequestMemory.Used;

    /// <summary>The memory budget of requests and their responses, in bytes.</summary>
    public static long RequestMemoryLimit => RequestMemory.Limit;

    /// <summary>Whether any model is loaded. Loaded models can run without the store.</summary>
    public bool HasLoadedModels => GetLoadedModels().Any();

    /// <summary>
    /// Returns the versions that this process knows, ordered by name and version. Models that were never requested are missing.
    /// </summary>
    public IReadOnlyList<VersionStatus> GetVersions() =>
        [.. GetServedModels().SelectMany(model => model.Versions.Zip(model.Statuses, Describe))
            .OrderBy(version => version.Model.Version.Id.Name.Value, StringComparer.Ordinal)
            .ThenBy(version => version.Model.Version.Id.Version)];

    /// <summary>
    /// Returns how long compute slots have been in use although no run is in progress; zero when the engine is not stalled. The time counts
    /// from the first call that finds the stall.
    /// </summary>
    public TimeSpan MeasureStall() => _stallWatch.Measure();

    public void Dispose() => _meter.Dispose();

    private void AddModelMetrics()
    {
        _meter.CreateObservableUpDownCounter("inference.requests.in_flight", () =>
            InferenceMetrics.InFlight, "{request}", "Predictions in progress, including those that wait.");
        _meter.CreateObservableUpDownCounter("inference.queue.depth", () =>
            ObserveLoaded(model => model.QueueLoad.Waiting), "{request}", "Requests that wait for a slot.");
        _meter.CreateObservableUpDownCounter("inference.batches.running", () =>
            ObserveLoaded(model => model.QueueLoad.Running), "{batch}", "Running batches, except those on their callers' threads.");
        _meter.CreateObservableUpDownCounter("inference.model.memory", () =>
            ObserveLoaded(model => model.Memory.Bytes), "By", "Memory of a loaded model.");
        _meter.CreateObservableUpDownCounter(
            "inference.model.quarantined",
            ObserveQuarantine,
            "{version}",
            "1 for a version that is not loaded because it crashed a process or failed its trial, 0 otherwise.");
    }

    private void AddContractMetrics()
    {
        _meter.CreateObservableUpDownCounter(
            "inference.batch.contract.broken",
            () => ObserveContracts(contract => contract.Violation is null ? 0 : 1),
            "{version}",
            "1 for a version that broke its batch contract, 0 while the contract holds.");
        _meter.CreateObservableCounter(
            "inference.batch.audits",
            () => ObserveContracts(contract => contract.Record.Audits),
            "{audit}",
            "Parts of joined runs that ran again alone and were compared.");
        _meter.CreateObservableCounter(
            "inference.batch.failed_audits",
            () => ObserveContracts(contract => contract.Record.FailedAudits),
            "{audit}",
            "Parts of joined runs that were not compared, because their run alone failed or took too long.");
        _meter.CreateObservableCounter(
            "inference.batch.differences",
            () => ObserveContracts(contract => contract.Record.Differences),
            "{audit}",
            "Audits whose result differed from the result in the batch.");
    }

    private void AddMemoryMetrics()
    {
        _meter.CreateObservableUpDownCounter("inference.memory.used", () =>
            _budget.Used, "By", "Memory of all models, including those that are being loaded or unloaded.");
        _meter.CreateObservableUpDownCounter("inference.memory.limit", () =>
            _budget.Limit, "By", "Memory budget of models, as set by Models__MemoryBudget.");
        _meter.CreateObservableUpDownCounter("inference.requests.memory.used", static () =>
            RequestMemory.Used, "By", "Memory of requests, responses and connections.");
        _meter.CreateObservableUpDownCounter("inference.requests.memory.limit", static () =>
            RequestMemory.Limit, "By", "Memory budget of requests, as set by Http__MemoryBudget.");
        _meter.CreateObservableCounter("inference.requests.memory.refusals", static () =>
            RequestMemory.Refusals, "{refusal}", "Requests that were refused for lack of memory.");
    }

    private void AddSlotMetrics()
    {
        _meter.CreateObservableUpDownCounter("inference.slots", () => (long)_governor.Slots, "{slot}", "Compute slots.");
        _meter.CreateObservableUpDownCounter("inference.slots.used", () =>
            (long)(_governor.Slots - _governor.FreeSlots), "{slot}", "Compute slots that a run holds.");
        _meter.CreateObservableUpDownCounter("inference.slots.lent", () =>
            (long)_governor.LentSlots, "{slot}", "Compute slots of long runs that other models may use meanwhile.");
    }

    private static string? DescribeRuns(ModelSlot slot) =>
        slot.CancelledRuns is > 0 and var runs ? $"{Counted.Text(runs, "cancelled run")} of model {slot.Version.Id}" : null;

    private static VersionStatus Describe(ModelSlot slot, ModelStatus status)
    {
        var (waiting, running, _) = slot.Loaded?.QueueLoad ?? default;
        return new VersionStatus(status, slot.Loaded?.Memory.Bytes ?? 0, waiting, running, slot.Loaded?.Session.Plan);
    }

    private IEnumerable<ServedModel> GetServedModels() => _catalog.Names.Select(_catalog.Find).OfType<ServedModel>();

    private IEnumerable<Measurement<long>> ObserveContracts(Func<BatchContract, long> getValue)
    {
        foreach (var slot in GetServedModels().SelectMany(model => model.Versions))
        {
            if (slot.Contract is not { Kind: not BatchContractKind.None } contract)
                continue;
            yield return new Measurement<long>(getValue(contract), slot.Tags.Model, slot.Tags.Version);
        }
    }

    private IEnumerable<Measurement<long>> ObserveQuarantine() => GetServedModels().SelectMany(model => model.Versions)
        .Select(slot => new Measurement<long>(slot.IsQuarantined ? 1 : 0, slot.Tags.Model, slot.Tags.Version));

    private IEnumerable<LoadedModel> GetLoadedModels() =>
        GetServedModels().SelectMany(model => model.Versions).Select(slot => slot.Loaded).OfType<LoadedModel>();

    private IEnumerable<Measurement<long>> ObserveLoaded(Func<LoadedModel, long> getValue) =>
        GetLoadedModels().Select(
            loaded => new Measurement<long>(getValue(loaded), loaded.Telemetry.Tags.Model, loaded.Telemetry.Tags.Version));
}

/// <summary>The status, memory and load of one version.</summary>
/// <param name="Bytes">The memory of the loaded model in bytes; zero when the version is not loaded.</param>
/// <param name="Waiting">The number of requests that wait for a slot.</param>
/// <param name="Running">The number of batches that run.</param>
/// <param name="Plan">The execution plan of the version on this machine; null when the version is not loaded.</param>
public sealed record VersionStatus(ModelStatus Model, long Bytes, int Waiting, int Running, ExecutionPlan? Plan);
