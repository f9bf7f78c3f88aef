using System.Buffers;
using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace Functions.Worker.Host;

/// <summary>
/// The one call of the protocol. Not the generated client, whose reader ends the whole stream at one message that it cannot read.
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
    /// What is left of a malformed message: enough of one that waits for an answer to be answered with a failure, as a request for
    /// an unknown function; of any other, a message of no known content.
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
            // It ends in the middle; what came before is all there is.
        }

        return message;
    }

    /// <summary>Field 1, by which both messages name what they are about, and which writers put first.</summary>
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
