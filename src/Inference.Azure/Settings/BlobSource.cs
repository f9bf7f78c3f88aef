using System.Net;
using System.Net.Sockets;
using StorageAccounts;

namespace Inference.Azure.Settings;

/// <summary>A container as the settings specify it: <c>blob:container[/prefix]</c> or a container URI.</summary>
/// <param name="Service">
/// The account's blob service; null for the account of the setting InferenceStorage (default: AzureWebJobsStorage).
/// </param>
/// <param name="Prefix">The prefix of blob names: empty, or with a slash at its end.</param>
/// <param name="Sas">The query of the URI with its question mark; empty when there is no query.</param>
internal sealed record BlobSource(Uri? Service, string Container, string Prefix, string Sas)
{
    private const string AccountScheme = "blob:";

    /// <summary>Whether the source is <c>blob:...</c> or a URI.</summary>
    public static bool Matches(string source) =>
        source.StartsWith(AccountScheme, StringComparison.OrdinalIgnoreCase)
        || source.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
        || source.StartsWith("http:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Parses a source for which <see cref="Matches"/> is true.</summary>
    /// <exception cref="StorageSettingsException">The source is invalid.</exception>
    public static BlobSource Parse(string source)
    {
        // Errors omit the text after a question mark, because it can be a SAS.
        var visibleSource = source.Split('?')[0];
        if (source.StartsWith(AccountScheme, StringComparison.OrdinalIgnoreCase))
        {
            var (container, prefix) = Split(source[AccountScheme.Length..], visibleSource);
            return new BlobSource(null, container, prefix, "");
        }

        if (!Uri.TryCreate(source, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0)
            throw CreateError("it is not a container URI. Write https://<account>.blob.core.windows.net/<container>, or blob:<container>");
        if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
            throw CreateError($"{visibleSource} would transfer models unencrypted. Use https; http is for an emulator on this machine");
        return FromUri(uri, visibleSource);
    }

    private static BlobSource FromUri(Uri uri, string visibleSource)
    {
        var service = new UriBuilder(uri.GetLeftPart(UriPartial.Authority));
        // The URI of an emulator has the account in its path. Azure's client recognizes such a URI only if its host is an IPv4 address.
        if (uri.Scheme == Uri.UriSchemeHttp)
            service.Host = "127.0.0.1";
        var path = Uri.UnescapeDataString(uri.AbsolutePath).Trim('/');
        if (IPAddress.TryParse(service.Host, out var address) && address.AddressFamily == AddressFamily.InterNetwork)
        {
            var account = path.Split('/')[0];
            service.Path = account;
            path = path[account.Length..].TrimStart('/');
        }

        var (container, prefix) = Split(path, visibleSource);
        return new BlobSource(service.Uri, container, prefix, uri.Query);
    }

    private static (string Container, string Prefix) Split(string path, string visibleSource)
    {
        var segments = path.TrimEnd('/').Split('/');
        if (segments[0] is not ("$root" or "$web") && !StorageName.IsValid(segments[0]))
        {
            throw CreateError(
                $"{visibleSource} has no valid container name; the name must have 3 to 63 characters: a-z, 0-9, and single hyphens between "
                + "them");
        }

        if (segments.Any(segment => segment is "" or "." or ".."))
            throw CreateError($"{visibleSource} has an empty segment, . or .. in its prefix; remove that segment");
        return (segments[0], string.Concat(segments.Skip(1).Select(segment => segment + "/")));
    }

    private static StorageSettingsException CreateError(string reason) => new($"Models__Source cannot be used: {reason}.");
}
