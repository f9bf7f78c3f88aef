namespace Inference.Repository.Triton;

/// <summary>Thrown for text that is not in protobuf's text format.</summary>
/// <param name="offset">The byte at which the error was detected.</param>
internal sealed class TextFormatException(int offset, string message) : Exception(message)
{
    public int Offset { get; } = offset;
}
