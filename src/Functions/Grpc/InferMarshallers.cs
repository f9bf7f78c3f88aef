using System.Buffers;
using Functions.Hosting;
using Google.Protobuf;
using Grpc.Core;
using Inference;
using Inference.Diagnostics;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Tensors;

namespace Functions.Grpc;

/// <summary>Marshallers that read messages from the connection and write them to it.</summary>
internal static class InferMarshallers
{
    /// <summary>The marshaller of requests, which copies tensors directly from the connection's memory into pooled memory.</summary>
    public static Marshaller<InferCall> Request { get; } =
        Marshallers.Create<InferCall>((_, _) => throw new NotSupportedException("A server only reads requests."), Read);

    /// <summary>The marshaller of responses, which copies tensors directly into the connection's memory.</summary>
    public static Marshaller<InferResponse> Response { get; } =
        Marshallers.Create<InferResponse>(Write, _ => throw new NotSupportedException("A server only writes responses."));

    /// <summary>The marshaller of the responses in a stream, which copies tensors as <see cref="Response"/> does.</summary>
    public static Marshaller<StreamResponse> Streamed { get; } =
        Marshallers.Create<StreamResponse>(Write, _ => throw new NotSupportedException("A server only writes responses."));

    /// <summary>
    /// The maximum size of a small message in bytes. The limit exists because the objects that protobuf creates for the fields use several
    /// times the message's size.
    /// </summary>
    private const int MaxSmallMessage = 64 << 10;

    /// <summary>Creates the marshaller of small messages, which the protobuf library reads.</summary>
    public static Marshaller<T> CreateMarshaller<T>(MessageParser<T> parser)
        where T : IMessage<T>
    {
        var lenientParser = parser.WithDiscardUnknownFields(true);
        return Marshallers.Create(WriteMessage, context => Read(context, message => ReadSmall(message, lenientParser)));
    }

    private static T ReadSmall<T>(ReadOnlySequence<byte> message, MessageParser<T> parser)
        where T : IMessage<T>
    {
        if (message.Length > MaxSmallMessage)
        {
            throw GrpcErrors.Create(
                StatusCode.ResourceExhausted,
                ServerErrorCodes.BodyTooLarge,
                $"The message has {message.Length} bytes; this method accepts at most {MaxSmallMessage}.");
        }

        try
        {
            return parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw GrpcErrors.Create(
                StatusCode.InvalidArgument,
                ErrorCodes.For(InferenceError.InvalidRequest),
                $"The message is not valid protobuf: {Quote.ShortenMessage(e.Message)}");
        }
    }

    private static InferCall Read(DeserializationContext context)
    {
        var call = Read(context, ModelInferReader.Read);
        CallBodyReader.RegisterMessage(call);
        return call;
    }

    private static T Read<T>(DeserializationContext context, Func<ReadOnlySequence<byte>, T> read)
    {
        try
        {
            return read(context.PayloadAsReadOnlySequence());
        }
        catch (InferenceException e)
        {
            throw GrpcErrors.From(e);
        }
        catch (OutOfMemoryException e)
        {
            throw GrpcErrors.From(RequestMemory.CreateExhaustedError(e));
        }
        finally
        {
            CountedStream.EndMessage();
        }
    }

    private static void Write(InferResponse response, SerializationContext context)
    {
        using (response)
        {
            context.SetPayloadLength(response.Message.Size);
            response.Message.Write(context.GetBufferWriter());
            context.Complete();
        }
    }

    private static void Write(StreamResponse streamed, SerializationContext context)
    {
        if (streamed.Response is not { } response)
        {
            WriteMessage(streamed.Failure!, context);
            return;
        }

        using (response)
        {
            context.SetPayloadLength(checked((int)response.Message.StreamedSize));
            response.Message.WriteStreamed(context.GetBufferWriter());
            context.Complete();
        }
    }

    private static void WriteMessage<T>(T message, SerializationContext context)
        where T : IMessage<T>
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }
}
