using Azure;

namespace Inference.Azure.Predictions;

/// <summary>A blob as it was read.</summary>
/// <param name="Content">All of it, or its beginning when it is larger than what was asked for.</param>
/// <param name="Length">Bytes of the whole blob.</param>
/// <param name="Modified">When it was last written.</param>
/// <param name="Age">How long ago that was when it was read, by the service's clock, which tells whole seconds.</param>
public sealed record StoredBlob(BinaryData Content, long Length, DateTimeOffset Modified, TimeSpan Age, ETag ETag)
{
    public bool IsWhole => Content.ToMemory().Length == Length;
}
