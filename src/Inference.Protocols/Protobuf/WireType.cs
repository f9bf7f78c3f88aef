namespace Inference.Protocols.Protobuf;

/// <summary>The wire type of a field, with protobuf's numbers. Groups (3 and 4) are deprecated and refused.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
