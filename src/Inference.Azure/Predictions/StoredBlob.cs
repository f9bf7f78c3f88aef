using Azure;

namespace Inference.Azure.Predictions;

/// <summary>A blob as it was read.</summary>
/// <param name="Content">The whole content, or only its start when the blob is larger than the limit of the read.</param>
/// <param name="Length">The length of the whole blob in bytes.</param>
/// <param name="Modified">The time of the last write.</param>
/// <param name="Age">The time from the last write to the read, according to the service's clock, in whole seconds.</param>
public sealed record StoredBlob(BinaryData Content, long Length, DateTimeOffset Modified, TimeSpan Age, ETag ETag)
{
    /// <summary>Whether <see cref="Content"/> is the whole content.</summary>
    public bool IsComplete => Content.ToMemory().Length == Length;
}
