using Inference.Catalog;
using Inference.Diagnostics;

namespace Inference;

/// <summary>Records one prediction in the metrics, in the statistics of its version and in its trace.</summary>
internal struct PredictionRecord
{
    // The timestamps at which the request started, had its lease, and was read and checked.
    private readonly long _started;
    private long _leased;
    private long _read;

    /// <summary>Records the start of a request for a model.</summary>
    public PredictionRecord(string model, TimeProvider time)
    {
        _started = _leased = time.GetTimestamp();
        InferenceMetrics.BeginRequest();
        Trace = PredictionTrace.Start(model);
    }

    /// <summary>The trace; null when the request is not traced.</summary>
    public PredictionTrace? Trace { get; }

    /// <summary>Records that the request has a lease.</summary>
    /// <param name="wasLoaded">False when the request waited for a load.</param>
    public void RecordLease(LoadedModel model, bool wasLoaded, TimeProvider time)
    {
        if (!wasLoaded)
            _leased = time.GetTimestamp();
        InferenceMetrics.RecordLease(model.Telemetry.Tags, wasLoaded);
        Trace?.RecordLease(model.Model.Id.Version, wasLoaded);
    }

    /// <summary>Records that the request was read, its inputs were prepared, and both were checked.</summary>
    public void RecordInput(TimeProvider time)
    {
        _read = time.GetTimestamp();
        Trace?.RecordParsing();
    }

    /// <summary>Records that the prediction succeeded.</summary>
    /// <returns>The recorder to call when the response was written.</returns>
    public readonly ResponseRecorder RecordSuccess(LoadedModel model, TimeProvider time)
    {
        var ended = time.GetTimestamp();
        model.Telemetry.Statistics.RecordSuccess(_leased, _read, ended);
        InferenceMetrics.EndRequest(model.Telemetry.Tags, ErrorCodes.Ok, time.GetElapsedTime(_started, ended));
        Trace?.RecordSuccess();
        return new ResponseRecorder(Trace, model.Telemetry.Statistics, ended);
    }

    /// <param name="model">The leased model; null when the lease failed.</param>
    /// <param name="tags">The metric labels of the leased model; after a failed lease, those of <see cref="ModelCatalog.GetTags"/>.</param>
    public readonly void RecordFailure(Exception failure, LoadedModel? model, ModelTags tags, TimeProvider time)
    {
        var ended = time.GetTimestamp();
        model?.Telemetry.Statistics.RecordFailure(_leased, ended);
        InferenceMetrics.EndRequest(tags, ErrorCodes.For(failure), time.GetElapsedTime(_started, ended));
        Trace?.RecordFailure(failure);
    }
}
