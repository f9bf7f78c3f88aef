using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using Functions.Hosting.Telemetry.Prometheus;
using Inference;
using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;

namespace TelemetryBench;

/// <summary>
/// Measures a whole prediction of a model that computes nothing, so that the share of metrics and traces is as large as possible.
/// </summary>
[MemoryDiagnoser]
public class PredictionBenchmark : IDisposable
{
    private readonly Governor _governor = new(2);
    private readonly ModelName _name = ModelName.Parse("doubler");
    private readonly ModelCatalog _catalog = TestCatalog.Create(new FakeModelStore().Add("doubler"), new FakeModelRuntime());

    private Predictor _predictor = null!;
    private MetricRegistry? _metrics;
    private ActivityListener? _traces;

    [Params(Listening.None, Listening.Metrics, Listening.Traces)]
    public Listening Listening { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _predictor = new Predictor(_catalog, _governor, TimeProvider.System);
        if (Listening == Listening.Metrics)
            _metrics = new MetricRegistry(["Inference"]);
        if (Listening == Listening.Traces)
        {
            _traces = new ActivityListener
            {
                ShouldListenTo = source => source.Name
                == "Inference",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded
            };
            ActivitySource.AddActivityListener(_traces);
        }

        await PredictAsync();
    }

    [Benchmark]
    public async Task PredictAsync()
    {
        using var prediction = await _predictor.PredictAsync(_name, null, 0, static (_, model) =>
        {
            var tensor = Tensor.Rent(ElementType.Float32, new Shape(1, 2));
            tensor.Data.Span.Clear();
            return new PredictionRequest { Inputs = { new RequestInput(model.Signature.Inputs[0].Name, tensor, "x") } };
        }, CancellationToken.None);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
        _governor.Dispose();
        GC.SuppressFinalize(this);
    }
}
