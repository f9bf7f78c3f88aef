namespace Inference.Diagnostics;

/// <summary>The part of a prediction's record that ends when its response was written. The default records nothing.</summary>
/// <param name="trace">The trace; null when nobody listens to traces.</param>
/// <param name="statistics">The statistics of the model version that computed the response.</param>
/// <param name="ready">The timestamp at which the outputs were ready.</param>
internal readonly struct ResponseRecord(PredictionTrace? trace, ModelStatistics? statistics, long ready)
{
    public void RecordWritten()
    {
        trace?.RecordResponse();
        statistics?.RecordOutput(ready);
    }
}
