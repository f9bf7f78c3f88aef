namespace Inference.Diagnostics;

/// <summary>
/// Records in the trace and the statistics of a prediction that its response was written. The default value records nothing.
/// </summary>
/// <param name="trace">The trace; null without a listener.</param>
/// <param name="statistics">The statistics of the model version that computed the response.</param>
/// <param name="ready">The timestamp at which the outputs were ready.</param>
internal readonly struct ResponseRecorder(PredictionTrace? trace, ModelStatistics? statistics, long ready)
{
    public void RecordWritten()
    {
        trace?.RecordResponse();
        statistics?.RecordOutput(ready);
    }
}
