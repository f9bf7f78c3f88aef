using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Inference.Protocols.Predictions;

/// <summary>A blob of the app's storage account, written <c>container/name</c>.</summary>
public sealed record BlobReference(string Container, string Name)
{
    private const string ReservedPrefix = "azure-webjobs-";

    /// <summary>The maximum length of a blob's name in Azure Storage.</summary>
    private const int MaxNameLength = 1024;

    private static readonly SearchValues<char> ContainerCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>
    /// Parses a reference. Returns false for an invalid name, and for the containers in which the Functions host stores its keys and
    /// leases.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out BlobReference? blob)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        blob = slash > 0 && IsContainerName(text.AsSpan(0, slash)) && text.Length - slash - 1 is > 0 and <= MaxNameLength
            ? new BlobReference(text[..slash], text[(slash + 1)..])
            : null;
        return blob is not null;
    }

    public override string ToString() => $"{Container}/{Name}";

    /// <summary>Whether a container's name is valid (3 to 63 characters of a-z, 0-9 and single inner hyphens) and not reserved.</summary>
    private static bool IsContainerName(ReadOnlySpan<char> text)
    {
        if (text.Length is < 3 or > 63 || text[0] == '-' || text[^1] == '-' || text.Contains("--", StringComparison.Ordinal))
            return false;
        return !text.ContainsAnyExcept(ContainerCharacters) && !text.StartsWith(ReservedPrefix, StringComparison.Ordinal);
    }
}
