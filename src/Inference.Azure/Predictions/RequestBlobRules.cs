using System.Buffers;

namespace Inference.Azure.Predictions;

/// <summary>
/// Decides which blobs a message may name as its request. Only requests may be read. Without this rule, the sender of a message could read
/// every blob that the app can read, because a model may return its input.
/// </summary>
public static class RequestBlobRules
{
    /// <summary>Characters that storage clients, proxies or the service treat as part of an address instead of a name.</summary>
    private static readonly SearchValues<char> Ambiguous = SearchValues.Create("\\%?#");

    /// <summary>Checks the blob that a message names as its request.</summary>
    /// <param name="container">The container that the message names.</param>
    /// <param name="name">The name of the blob in the container.</param>
    /// <returns>The reason why the blob may not be read, as a message for the sender; null when the blob may be read.</returns>
    public static string? FindProblem(string container, string name, PredictionSettings settings)
    {
        var blob = Quote.Shorten($"{container}/{name}");
        if (!IsPlain(name))
        {
            return $"requestBlob {blob} is not a plain path: no part between slashes may be empty, begin or end with a space or end with "
                + "a dot, and no backslash, %, ? or # may be in it.";
        }

        if (settings.RequestContainers.Contains(container)
            || (container == settings.Container && name.StartsWith(BlobNames.RequestFolder, StringComparison.Ordinal)))
        {
            return null;
        }

        return $"requestBlob {blob} is not in a folder for requests: put it below {settings.Container}/{BlobNames.RequestFolder}, "
            + "or name its container in the server's setting Predictions__RequestContainers.";
    }

    /// <summary>Whether clients and proxies pass the name to the service unchanged.</summary>
    private static bool IsPlain(string name) =>
        !name.AsSpan().ContainsAny(Ambiguous)
        && !name.Any(char.IsControl)
        && name.Split('/').All(part => part.Length > 0 && part[^1] != '.' && !char.IsWhiteSpace(part[0]) && !char.IsWhiteSpace(part[^1]));
}
