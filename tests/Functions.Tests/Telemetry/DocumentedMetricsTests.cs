using System.Runtime.CompilerServices;
using Functions.Hosting.Telemetry.Prometheus;
using Inference;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Testing;

namespace Functions.Tests.Telemetry;

/// <summary>
/// Compares the table of docs/operating.md with the instruments of the engine. A scrape is no proof, because it lacks the instruments that
/// have measured nothing.
/// </summary>
public sealed class DocumentedMetricsTests
{
    [Fact]
    public async Task Instruments_OfTheEngine_AreThoseOfTheDocument()
    {
        RuntimeHelpers.RunClassConstructor(typeof(InferenceMetrics).TypeHandle);
        await using var catalog = TestCatalog.Create(new FakeModelStore(), new FakeModelRuntime());
        using var governor = new Governor(slots: 1);
        using var status = new EngineStatus(catalog, governor, TestBudget.Unlimited(), TimeProvider.System);
        using var registry = new MetricRegistry([InferenceMetrics.MeterName]);
        var instruments = new List<string>();

        registry.Read(families => instruments.AddRange(families.Select(family => $"{family.Name} {family.Kind}".ToLowerInvariant())));

        AssertText.SameItems(
            ("src/Inference", instruments),
            ("docs/operating.md", MetricsTests.Documented().Where(row => row.StartsWith("inference_", StringComparison.Ordinal))),
            "The table of docs/operating.md must have a row for each metric, with its type.");
    }
}
