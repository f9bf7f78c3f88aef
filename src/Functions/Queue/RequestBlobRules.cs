using System.Buffers;
using Inference;
using Inference.Azure.Predictions;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>
/// Which blobs a message may name as its request. Whoever sends messages reads what the app reads, because a model may return its input: so the
/// app reads requests only.
/// </summary>
internal static class RequestBlobRules
{
    /// <summary>What storage clients, proxies or the service read as a part of an address, and none as a part of a name.</summary>
    private static readonly SearchValues<char> Ambiguous = SearchValues.Create("\\%?#");

    /// <returns>What is wrong with the name, as a sentence; null when the blob may be read.</returns>
    public static string? FindProblem(BlobReference blob, PredictionSettings settings)
    {
        if (!IsPlain(blob.Name))
        {
            return $"requestBlob {Quote.Of(blob.ToString())} is no plain path: no part between slashes may be empty, begin or end with a space or end with a "
                + "dot, and no backslash, %, ? or # may be in it.";
        }

        if (settings.RequestContainers.Contains(blob.Container)
            || (blob.Container == settings.Container && blob.Name.StartsWith(BlobNames.RequestFolder, StringComparison.Ordinal)))
        {
            return null;
        }

        return $"requestBlob {Quote.Of(blob.ToString())} is not where requests are: put the request below {settings.Container}/{BlobNames.RequestFolder}, or name "
            + "its container in the server's setting Predictions__RequestContainers.";
    }

    /// <summary>Whether the name is one that nothing changes on its way to the service.</summary>
    private static bool IsPlain(string name) =>
        !name.AsSpan().ContainsAny(Ambiguous)
        && !name.Any(char.IsControl)
        && name.Split('/').All(part => part.Length > 0 && part[^1] != '.' && !char.IsWhiteSpace(part[0]) && !char.IsWhiteSpace(part[^1]));
}
