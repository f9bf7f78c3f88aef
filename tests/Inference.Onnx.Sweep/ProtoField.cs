namespace Inference.Onnx.Sweep;

/// <summary>A field of a protobuf message.</summary>
/// <param name="Number">Of the field.</param>
/// <param name="Wire">0 for a varint, 1 for eight bytes, 2 for bytes with their length, 5 for four bytes.</param>
/// <param name="Value">Of a varint.</param>
/// <param name="Bytes">Of the other wire types.</param>
public readonly record struct ProtoField(int Number, int Wire, ulong Value, ReadOnlyMemory<byte> Bytes);
