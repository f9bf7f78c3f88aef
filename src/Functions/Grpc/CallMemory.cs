using System.IO.Pipelines;
using Inference;
using Inference.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Functions.Grpc;

/// <summary>
/// Reads the messages of a call, and refuses the call when there is no memory for more of them. gRPC reads a message whole before it parses
/// it. Owns the message and the answer between their makers and their users: a call that ends in between has nobody else who disposes them.
/// </summary>
internal sealed class CallMemory(PipeReader body) : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    /// <summary>The message that was just parsed on this thread. The reader advances on the same thread, right after that.</summary>
    [ThreadStatic]
    private static IDisposable? _parsed;

    private long _buffered;
    private IDisposable? _message;
    private IDisposable? _answer;

    public PipeReader Reader => this;

    /// <summary>Adds this to the calls of services.</summary>
    public static void Guard(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate;
        endpoint.RequestDelegate = async http =>
        {
            using var memory = new CallMemory(http.Request.BodyReader);
            http.Features.Set<IRequestBodyPipeFeature>(memory);
            await next!(http).ConfigureAwait(false);
        };
    }

    /// <summary>Takes a message that was parsed, until its user disposes it. The call is the one that reads on this thread.</summary>
    public static void Own(IDisposable message) => _parsed = message;

    /// <summary>Takes the answer of a call, until it is written.</summary>
    public static void Own(HttpContext http, IDisposable answer) =>
        ((CallMemory)http.Features.GetRequiredFeature<IRequestBodyPipeFeature>())._answer = answer;

    /// <summary>Disposes a message and an answer once more: nothing happens to those whose users did.</summary>
    public void Dispose()
    {
        _message?.Dispose();
        _answer?.Dispose();
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            RequestMemory.ThrowIfFull(_buffered);
        }
        catch (InferenceException e)
        {
            throw GrpcErrors.From(e);
        }

        var read = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
        _buffered = read.Buffer.Length;
        return read;
    }

    public override bool TryRead(out ReadResult result) => body.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed)
    {
        TakeParsed();
        body.AdvanceTo(consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        TakeParsed();
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private void TakeParsed()
    {
        if (_parsed is not { } message)
            return;
        // The message before was answered: a call reads the next one afterwards.
        _message?.Dispose();
        _message = message;
        _parsed = null;
        _buffered = 0;
    }
}
