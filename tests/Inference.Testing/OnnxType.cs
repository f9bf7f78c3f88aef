namespace Inference.Testing;

/// <summary>Values of TensorProto.DataType.</summary>
internal static class OnnxType
{
    public const int Float = 1;
    public const int Int64 = 7;
    public const int Bool = 9;
    public const int Float16 = 10;
}
