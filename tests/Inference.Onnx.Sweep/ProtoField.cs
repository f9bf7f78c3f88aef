namespace Inference.Onnx.Sweep;

/// <summary>A field of a protobuf message.</summary>
/// <param name="Number">The number of the field.</param>
/// <param name="Wire">The wire type: 0 for a varint, 1 for eight bytes, 2 for bytes with their length, 5 for four bytes.</param>
/// <param name="Value">The value of a varint.</param>
/// <param name="Bytes">The content of a field of another wire type.</param>
public readonly record struct ProtoField(int Number, int Wire, ulong Value, ReadOnlyMemory<byte> Bytes);
