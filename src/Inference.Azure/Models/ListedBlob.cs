using Azure;

namespace Inference.Azure.Models;

/// <summary>A blob as a listing described it.</summary>
/// <param name="Path">The name without the store's prefix.</param>
/// <param name="Md5">The MD5 of the content; null when the service has none, such as for many blobs that were uploaded in blocks.</param>
internal sealed record ListedBlob(string Path, ETag ETag, long Length, byte[]? Md5)
{
    /// <summary>The time of the last write; null when the listing does not have it.</summary>
    public DateTimeOffset? Modified { get; init; }
}
