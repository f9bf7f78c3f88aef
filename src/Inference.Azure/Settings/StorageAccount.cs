using Azure.Core;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;

namespace Inference.Azure.Settings;

/// <summary>
/// The account of the setting AzureWebJobsStorage, in the forms the Functions host takes: a connection string, or an
/// identity with <c>accountName</c> or <c>blobServiceUri</c>.
/// </summary>
internal static class StorageAccount
{
    private const string Setting = "AzureWebJobsStorage";

    public static BlobServiceClient Blobs(IConfiguration configuration, BlobClientOptions options) =>
        configuration[Setting] is { } text && !string.IsNullOrWhiteSpace(text)
            ? FromConnectionString(text, options)
            : new BlobServiceClient(ServiceUri(configuration), Credential(configuration), options);

    public static TokenCredential Credential(IConfiguration configuration) => new LazyCredential(configuration[$"{Setting}:clientId"]);

    private static BlobServiceClient FromConnectionString(string connectionString, BlobClientOptions options)
    {
        try
        {
            return new BlobServiceClient(connectionString, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Not as the inner exception: whatever quotes the setting could quote the key.
            throw new StorageSettingsException(
                $"{Setting} is no storage connection string. Copy it from the account's access keys; for Azurite write "
                + $"UseDevelopmentStorage=true; for an identity leave it empty and set {Setting}__accountName.");
        }
    }

    private static Uri ServiceUri(IConfiguration configuration)
    {
        if (configuration[$"{Setting}:blobServiceUri"] is { Length: > 0 } text)
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
                ? new Uri(uri.GetLeftPart(UriPartial.Path))
                : throw new StorageSettingsException(
                    $"{Setting}__blobServiceUri is no https URI. Write https://<account>.blob.core.windows.net.");
        }

        var account = configuration[$"{Setting}:accountName"];
        if (string.IsNullOrWhiteSpace(account))
        {
            throw new StorageSettingsException(
                $"Models__Source names a container of the storage account in {Setting}, which is not set. Set {Setting} to a "
                + $"connection string or UseDevelopmentStorage=true, or {Setting}__accountName to use an identity.");
        }

        return account.Length is >= 3 and <= 24 && account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
            ? new Uri($"https://{account}.blob.core.windows.net")
            : throw new StorageSettingsException(
                $"{Setting}__accountName is no account name: 3 to 24 of a-z 0-9, without the domain.");
    }
}
