namespace Inference.Protocols.Protobuf;

/// <summary>How a field's value is written, by protobuf's numbers. Groups (3 and 4) are long gone from the language and refused.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
