using System.Text;
using System.Text.RegularExpressions;
using Inference.Onnx.Sweep;
using Xunit.Abstractions;

namespace Functions.Tests.Conformance;

/// <summary>
/// The server returns the same outputs as ONNX Runtime itself. ONNX_TEST_DATA names a folder in the layout of ONNX's own test data, such as
/// the folder of Debian's package libonnx-testdata. Without the variable, the test uses a sample.
/// </summary>
public sealed partial class ConformanceTests(ITestOutputHelper output) : IDisposable
{
    private readonly ConformanceSample _sample = new();

    [Fact]
    public async Task Infer_EveryTestCase_HasTheResultOfOnnxRuntime()
    {
        var root = Environment.GetEnvironmentVariable("ONNX_TEST_DATA") is { Length: > 0 } folder ? folder : _sample.Write();
        await using var run = new ConformanceRun(TestCase.Find(root));

        var results = await run.RunAsync();

        output.WriteLine(Report(results));
        Assert.NotEmpty(results);
        Assert.DoesNotContain(results, result => result.Outcome is ConformanceOutcome.Different or ConformanceOutcome.Crashed);
        Assert.All(results.Where(result => result.Outcome == ConformanceOutcome.Refused), result =>
            Assert.Contains("not known to support", result.Detail, StringComparison.Ordinal));
    }

    public void Dispose() => _sample.Dispose();

    private static string Report(IReadOnlyList<ConformanceResult> results)
    {
        var report = new StringBuilder();
        foreach (var outcome in results.GroupBy(result => result.Outcome).OrderBy(group => group.Key))
        {
            report.Append(outcome.Key).Append(": ").Append(outcome.Count()).AppendLine();
            // Reasons that differ only in the names of the model and its tensors are one group.
            foreach (var reason in outcome.Where(result => result.Detail.Length > 0)
                .GroupBy(result => Name().Replace(result.Detail, "...")).OrderByDescending(group => group.Count()))
            {
                report.Append("  ")
                    .Append(reason.Count())
                    .Append(" x ")
                    .AppendLine(reason.First().Detail).Append("    ").AppendJoin(' ', reason.Select(result => result.Case)).AppendLine();
            }
        }

        return report.ToString();
    }

    [GeneratedRegex("""Model \S+|(\\u0022|\\")[^"\\]*(\\u0022|\\")|\d+""")]
    private static partial Regex Name();
}
