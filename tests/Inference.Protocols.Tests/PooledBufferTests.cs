namespace Inference.Protocols.Tests;

public sealed class PooledBufferTests
{
    /// <summary>A response can be longer than an array. The caller must learn that the request is too large.</summary>
    [Fact]
    public void GetSpan_MoreThanAnArrayHolds_RefusesTheRequest()
    {
        using var buffer = new PooledBuffer(16);
        buffer.Advance(8);

        var exception = Assert.Throws<InferenceException>(() => buffer.GetSpan(Array.MaxLength - 7));

        Assert.Equal((InferenceError.InvalidRequest, ErrorReason.RequestTooLarge), (exception.Error, exception.Reason));
        Assert.Contains("longer than 2 GiB", exception.Message, StringComparison.Ordinal);
    }
}
