using Inference.Models;
using Inference.Onnx.Cache;

namespace Inference.Onnx.Tests.Cache;

public sealed class CacheEntryTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(null, 0)]
    [InlineData(Key, 0)]
    [InlineData(null, 8)]
    [InlineData(Key, 8)]
    public void TryParse_WhatWasWritten_IsTheSame(string? graph, int maxBatch)
    {
        var entry = new CacheEntry(Key, graph, maxBatch == 0 ? null : new ExecutionPlan(1, maxBatch));

        Assert.True(CacheEntry.TryParse(entry.ToString(), out var read));
        Assert.Equal(entry, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("damaged")]
    [InlineData(Key)]
    [InlineData(Key + " - 1")]
    [InlineData(Key + " - 1 0")]
    [InlineData(Key + " - - 8")]
    [InlineData(Key + " - 1 -8")]
    [InlineData(Key + " - 1 8 9")]
    [InlineData(Key + " ../../x 1 8")]
    [InlineData("../../../etc/passwd0123456789abc - 1 8")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(CacheEntry.TryParse(text, out _));
}
