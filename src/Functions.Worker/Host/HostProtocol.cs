using System.Buffers;
using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace Functions.Worker.Host;

/// <summary>
/// The only gRPC call of the host's protocol: a stream of messages in both directions. The generated client is not used, because it ends
/// the stream at the first unreadable message.
/// </summary>
internal static class HostProtocol
{
    public static Method<StreamingMessage, StreamingMessage> EventStream { get; } = new(
        MethodType.DuplexStreaming,
        "AzureFunctionsRpcMessages.FunctionRpc",
        "EventStream",
        Marshallers.Create(Write, Read),
        Marshallers.Create(Write, Read));

    private static void Write(StreamingMessage message, SerializationContext context)
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static StreamingMessage Read(DeserializationContext context)
    {
        var payload = context.PayloadAsReadOnlySequence();
        try
        {
            return StreamingMessage.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return Salvage(payload.ToArray());
        }
    }

    /// <summary>
    /// Reads the intact part of a malformed message. An invocation request and a load request keep their ids, because the host waits for a
    /// reply with the id. The invocation then fails, because its request names no function. Any other message loses its content.
    /// </summary>
    internal static StreamingMessage Salvage(byte[] payload)
    {
        var message = new StreamingMessage();
        var input = new CodedInputStream(payload);
        try
        {
            while (input.ReadTag() is not 0 and var tag)
            {
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case StreamingMessage.RequestIdFieldNumber:
                        message.RequestId = input.ReadString();
                        break;
                    case StreamingMessage.InvocationRequestFieldNumber:
                        message.InvocationRequest = new() { InvocationId = ReadFirstText(input.ReadBytes()) };
                        break;
                    case StreamingMessage.FunctionLoadRequestFieldNumber:
                        message.FunctionLoadRequest = new() { FunctionId = ReadFirstText(input.ReadBytes()) };
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // The message is cut off here. The fields before this point are kept.
        }

        return message;
    }

    /// <summary>
    /// Reads field 1: the invocation id of an invocation request, or the function id of a load request. Writers put this field first.
    /// </summary>
    private static string ReadFirstText(ByteString bytes)
    {
        var input = bytes.CreateCodedInput();
        try
        {
            return input.ReadTag() == WireFormat.MakeTag(1, WireFormat.WireType.LengthDelimited) ? input.ReadString() : "";
        }
        catch (InvalidProtocolBufferException)
        {
            return "";
        }
    }
}
