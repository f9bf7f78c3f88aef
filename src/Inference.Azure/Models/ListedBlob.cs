using Azure;

namespace Inference.Azure.Models;

/// <summary>A blob as a listing described it.</summary>
/// <param name="Path">Its name without the store's prefix.</param>
/// <param name="Md5">Of its content, when the service knows it: blobs uploaded in blocks often have none.</param>
internal sealed record ListedBlob(string Path, ETag ETag, long Length, byte[]? Md5)
{
    /// <summary>When it was written last; null when the listing does not say.</summary>
    public DateTimeOffset? Modified { get; init; }
}
