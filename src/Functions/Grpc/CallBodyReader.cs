using System.IO.Pipelines;
using Functions.Predictions;
using Grpc.Core;
using Inference;
using Inference.Diagnostics;
using Inference.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Functions.Grpc;

/// <summary>
/// Reads the messages of a gRPC call, and ends the call with an error when the memory for requests is used up. The reader checks the memory
/// before each read, because gRPC collects a whole message before the message is parsed. The reader also owns the last message and the
/// response, and disposes both when the call ends.
/// </summary>
internal sealed class CallBodyReader(PipeReader body) : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    /// <summary>
    /// The number of bytes that the web server and gRPC need for an open call in addition to its messages, rounded up from 14 KB.
    /// </summary>
    private const int CallSize = 16 << 10;

    /// <summary>
    /// The message that was parsed last on this thread; null when a reader already owns the message. After gRPC has parsed a message, gRPC
    /// calls <c>AdvanceTo</c> of the call's reader on the same thread. <c>AdvanceTo</c> makes the reader the owner of the message.
    /// </summary>
    [ThreadStatic]
    private static IDisposable? _parsed;

    private long _bufferedBytes;
    private BodyRate? _rate;
    private IDisposable? _message;
    private IDisposable? _response;

    public PipeReader Reader => this;

    /// <summary>Makes each call of an endpoint read its body through a new instance of this class.</summary>
    public static void AddTo(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate;
        endpoint.RequestDelegate = async http =>
        {
            using var reader = new CallBodyReader(http.Request.BodyReader);
            RequestMemory.AddUnchecked(CallSize);
            http.Features.Set<IRequestBodyPipeFeature>(reader);
            await next!(http).ConfigureAwait(false);
        };
    }

    /// <summary>
    /// Takes ownership of a parsed message for the call that reads on this thread. The call's handler can dispose the message before the
    /// reader does.
    /// </summary>
    public static void RegisterMessage(IDisposable message) => _parsed = message;

    /// <summary>
    /// Takes ownership of a call's response. The marshaller disposes a response that it has written; the reader disposes a response that
    /// was never written.
    /// </summary>
    public static void RegisterResponse(HttpContext http, IDisposable response) =>
        ((CallBodyReader)http.Features.GetRequiredFeature<IRequestBodyPipeFeature>())._response = response;

    public void Dispose()
    {
        RequestMemory.Release(CallSize);
        _message?.Dispose();
        _response?.Dispose();
        _rate?.Dispose();
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            RequestMemory.ThrowIfFull(_bufferedBytes);
        }
        catch (InferenceException e)
        {
            throw GrpcErrors.From(e);
        }

        var reading = body.ReadAsync(cancellationToken);
        // The minimum rate does not apply between messages, because the client decides when to send the next message.
        var read = _bufferedBytes == 0
            ? await reading.ConfigureAwait(false)
            : await BodyRate.WaitAsync(ref _rate, body, reading, _bufferedBytes).ConfigureAwait(false);
        if (read.IsCanceled && _rate is { IsTooSlow: true })
        {
            body.AdvanceTo(read.Buffer.Start);
            var refusal = BodyRate.CreateTooSlowError();
            throw GrpcErrors.Create(StatusCode.DeadlineExceeded, refusal.Code, refusal.Message);
        }

        // The buffer starts with the frame of a message, whose first byte is 1 for a compressed message and else 0.
        if (read.Buffer.FirstSpan is [> 1, ..])
        {
            body.AdvanceTo(read.Buffer.Start);
            throw GrpcErrors.Create(
                StatusCode.Internal, ErrorCodes.For(InferenceError.InvalidRequest), "The first byte of a message's frame must be 0 or 1.");
        }

        _bufferedBytes = read.Buffer.Length;
        return read;
    }

    public override bool TryRead(out ReadResult result) => body.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed)
    {
        TakeParsedMessage();
        body.AdvanceTo(consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        TakeParsedMessage();
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private void TakeParsedMessage()
    {
        if (_parsed is not { } message)
            return;
        // A call reads the next message only after it has responded to the previous message. Therefore the previous message can be
        // disposed.
        _message?.Dispose();
        _message = message;
        _parsed = null;
        _bufferedBytes = 0;
    }
}
