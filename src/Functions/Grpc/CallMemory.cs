using System.IO.Pipelines;
using Inference;
using Inference.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace Functions.Grpc;

/// <summary>Reads the messages of a call, and refuses the call when there is no memory for more of them. gRPC reads a message whole before it parses it.</summary>
internal sealed class CallMemory(PipeReader body) : PipeReader, IRequestBodyPipeFeature
{
    private long _buffered;

    public PipeReader Reader => this;

    /// <summary>Adds this to the calls of services.</summary>
    public static void Guard(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate;
        endpoint.RequestDelegate = http =>
        {
            http.Features.Set<IRequestBodyPipeFeature>(new CallMemory(http.Request.BodyReader));
            return next!(http);
        };
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

    public override void AdvanceTo(SequencePosition consumed) => body.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => body.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);
}
