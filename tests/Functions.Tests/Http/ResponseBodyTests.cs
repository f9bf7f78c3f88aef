using Functions.Predictions;
using Inference.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Http;

/// <summary>Tests the rule for clients that read a response slowly, without a server.</summary>
public sealed class ResponseBodyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DefaultHttpContext _http = new();
    private readonly Lifetime _lifetime = new();

    public ResponseBodyTests() => _http.Features.Set<IHttpRequestLifetimeFeature>(_lifetime);

    [Fact]
    public Task Write_SliceIsNotRead_AbortsTheConnection() => Task.Run(async () =>
    {
        using var client = new SlowClient();
        var write = ResponseBody.WriteSlicedAsync(client, new byte[10 * ResponseBody.SliceSize], _http, _time).AsTask();
        // The first slices fit in the buffers of the system, which a client fills without reading.
        client.Read();
        client.Read();

        _time.Advance(ResponseBody.MaxSliceTime - TimeSpan.FromSeconds(1));
        Assert.False(_lifetime.RequestAborted.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.WaitAsync(WaitLimit.Step));
    });

    [Fact]
    public Task Write_EachSliceIsReadInTime_MayTakeHours() => Task.Run(async () =>
    {
        using var client = new SlowClient();
        var write = ResponseBody.WriteSlicedAsync(client, new byte[(1000 * ResponseBody.SliceSize) + 1], _http, _time).AsTask();

        for (var slice = 0; slice <= 1000; slice++)
        {
            _time.Advance(ResponseBody.MaxSliceTime - TimeSpan.FromSeconds(1));
            client.Read();
        }

        await write.WaitAsync(WaitLimit.Step);
        Assert.Equal((1000 * ResponseBody.SliceSize) + 1, client.WrittenBytes);
    });

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        private readonly CancellationTokenSource _aborted = new();

        public CancellationToken RequestAborted { get => _aborted.Token; set => throw new NotSupportedException(); }

        public void Abort() => _aborted.Cancel();
    }

    /// <summary>
    /// A stream whose writes end when the client reads. Without a synchronization context, the next write begins before the read returns.
    /// </summary>
    private sealed class SlowClient : MemoryStream
    {
        private TaskCompletionSource _write = new();

        public long WrittenBytes { get; private set; }

        public void Read() => _write.SetResult();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var write = _write = new TaskCompletionSource();
            cancellationToken.UnsafeRegister(_ => write.TrySetCanceled(cancellationToken), null);
            WrittenBytes += buffer.Length;
            return new ValueTask(write.Task);
        }
    }
}
