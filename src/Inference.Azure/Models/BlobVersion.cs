using System.Text;
using Inference.Models;

namespace Inference.Azure.Models;

/// <summary>The blobs of one version of a model.</summary>
/// <param name="Root">The prefix of the blobs' names, such as <c>digits/1/</c>; empty for a bare model.</param>
internal sealed record BlobVersion(ModelId Id, string Root, IReadOnlyList<ListedBlob> Blobs)
{
    public string GetRelativeName(ListedBlob blob) => blob.Path[Root.Length..];

    public ModelVersion ToModelVersion() =>
        new(Id, ComputeTag(), Blobs.Sum(blob => blob.Length)) { Modified = Blobs.Max(blob => blob.Modified) };

    /// <summary>
    /// Returns the tag of the version. The tag identifies cached files even after a restart. The tag therefore depends only on the
    /// blobs, not on the order of the listing or on this process.
    /// </summary>
    private string ComputeTag()
    {
        var text = new StringBuilder();
        foreach (var blob in Blobs.OrderBy(blob => blob.Path, StringComparer.Ordinal))
            text.Append(GetRelativeName(blob)).Append('\0').Append(blob.ETag.ToString()).Append('\0').Append(blob.Length).Append('\n');
        return BlobNameHash.Compute(text.ToString());
    }
}
