using Inference;
using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings.Versions;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>Reads which version of a model a request names.</summary>
internal static class RequestedVersion
{
    private const string RequestKeyHeader = "X-Request-Key";

    /// <summary>
    /// Selects a version by number or label. If the request names no version and traffic is split between versions, all requests with the
    /// same X-Request-Key get the same version.
    /// </summary>
    public static VersionSelector Select(HttpRequest request, string model, string? version)
    {
        if (version is null)
            return new VersionSelector(Version: null, request.Headers.TryGetValue(RequestKeyHeader, out var key) ? key.ToString() : null);
        return VersionRef.IsLabel(version) ? new VersionSelector(new VersionRef(version)) : ParseNumber(model, version);
    }

    /// <summary>Returns the number of a version; null when the request names none.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelNotFound"/>: the text is not a version's number.</exception>
    public static long? ParseNumber(string model, string? version)
    {
        if (version is null)
            return null;
        return ModelVersion.TryParseNumber(version, out var number)
            ? number
            : throw new InferenceException(
                InferenceError.ModelNotFound,
                $"Model {Quote.Shorten(model)} has no version \"{Quote.Shorten(version)}\": a version is a whole number of 1 or more.")
            {
                Reason = ErrorReason.VersionNotFound,
            };
    }
}
