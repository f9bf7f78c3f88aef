using Inference.Models;
using Inference.Models.Contracts;
using Inference.Onnx.Cache;

namespace Inference.Onnx.Tests.Cache;

public sealed class CacheEntryTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    public static TheoryData<string?, int, bool, string?> Entries => new()
    {
        { null, 0, true, null },
        { Key, 0, true, "a/b c,d" },
        { null, 8, true, null },
        { Key, 8, true, "weights.bin" },
        { Key, 32, false, null },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void TryParse_WrittenEntry_IsEqual(string? graph, int maxBatch, bool isMeasured, string? external)
    {
        var entry = new CacheEntry(Key, graph, maxBatch == 0 ? null : new ExecutionPlan(1, maxBatch))
        {
            IsBatchMeasured = isMeasured,
            ExternalFileNames = external is null ? "" : string.Join(',', external.Split(',').Select(Uri.EscapeDataString)),
        };

        Assert.True(CacheEntry.TryParse(entry.ToString(), out var read));
        Assert.Equal(entry, read);
    }

    [Fact]
    public void TryParse_Verdict_IsTheSame()
    {
        BatchVerdict?[] verdicts =
        [
            null,
            BatchVerdict.Proven(new BatchLayout([0, 1, BatchLayout.Shared], [0, 2])),
            BatchVerdict.NotProven("CumSum \"größe\" sums over the items: 50 % of them / all.\n"),
        ];
        foreach (var verdict in verdicts)
        {
            var entry = new CacheEntry(Key, GraphHash: null, new ExecutionPlan(1, 8)) { Verdict = verdict };

            Assert.DoesNotContain(entry.ToString().TrimEnd('\n'), static character => character is '\n' or > '~');
            Assert.True(CacheEntry.TryParse(entry.ToString(), out var read));
            Assert.Equal(verdict, read.Verdict);
        }
    }

    [Fact]
    public void TryParse_VerdictOfOtherRules_IsNotUsed()
    {
        Assert.True(CacheEntry.TryParse(Key + " - 1 8 proven/0/0/0 -", out var entry));
        Assert.Null(entry.Verdict);
    }

    [Theory]
    [InlineData("1025 8")]
    [InlineData("2147483647 8")]
    [InlineData("1 33")]
    [InlineData("0 8")]
    [InlineData("-1 8")]
    public void TryParse_PlanThatNoMeasurementFinds_IsNoEntry(string plan) =>
        Assert.False(CacheEntry.TryParse($"{Key} - {plan} - -", out _));

    [Theory]
    [InlineData("")]
    [InlineData("damaged")]
    [InlineData(Key)]
    [InlineData(Key + " - 1")]
    [InlineData(Key + " - 1 8")]
    [InlineData(Key + " - 1 0 - -")]
    [InlineData(Key + " - - 8 - -")]
    [InlineData(Key + " - 1 -8 - -")]
    [InlineData(Key + " - 1 8 9 -")]
    [InlineData(Key + " - 1 8 - - -")]
    [InlineData(Key + " - 1 8 proven/1/0 -")]
    [InlineData(Key + " - 1 8 proven/1/0/-1 -")]
    [InlineData(Key + " - 1 8 proven/1/-2/0 -")]
    [InlineData(Key + " - 1 8 proven/1// -")]
    [InlineData(Key + " - 1 8 not/1/ -")]
    [InlineData(Key + " ../../x 1 8 - -")]
    [InlineData("../../../etc/passwd0123456789abc - 1 8 - -")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(CacheEntry.TryParse(text, out _));
}
