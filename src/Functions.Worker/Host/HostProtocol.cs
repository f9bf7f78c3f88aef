using System.Buffers;
using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace Functions.Worker.Host;

/// <summary>
/// The only call of the protocol. The generated client is not used, because one unreadable message ends its whole stream.
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
    /// Reads what it can of a malformed message. A request for which the host waits keeps its id, so that it gets a reply: a failure
    /// because of an unknown function. Any other message becomes one without content.
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
                        message.InvocationRequest = new() { InvocationId = FirstText(input.ReadBytes()) };
                        break;
                    case StreamingMessage.FunctionLoadRequestFieldNumber:
                        message.FunctionLoadRequest = new() { FunctionId = FirstText(input.ReadBytes()) };
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

    /// <summary>Reads field 1, which is the id in both messages. Writers put it first.</summary>
    private static string FirstText(ByteString bytes)
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
