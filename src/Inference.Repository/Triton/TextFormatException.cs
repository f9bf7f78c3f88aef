namespace Inference.Repository.Triton;

/// <summary>Text is not in protobuf's text format.</summary>
/// <param name="offset">The byte where it was noticed.</param>
internal sealed class TextFormatException(int offset, string message) : Exception(message)
{
    public int Offset { get; } = offset;
}
