using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;

namespace StorageAccounts;

/// <summary>
/// The storage account that a setting names, in the forms the Functions host takes: a connection string, or an identity with
/// <c>__accountName</c> or <c>__blobServiceUri</c> and <c>__queueServiceUri</c>, and <c>__clientId</c> when it is a user-assigned one.
/// </summary>
/// <param name="setting">The setting's name, such as AzureWebJobsStorage.</param>
public sealed class StorageAccount(IConfiguration configuration, string setting)
{
    /// <summary>The account of the Functions host; the app's data is there, too, unless <see cref="DataSetting"/> is set.</summary>
    public const string DefaultSetting = "AzureWebJobsStorage";

    /// <summary>The account of the app's data: models, queues and results.</summary>
    public const string DataSetting = "InferenceStorage";

    /// <summary>Which setting names the account of the app's data, for a message.</summary>
    public const string DataSettings = $"{DataSetting}, or in {DefaultSetting} without that";

    private static readonly string[] Parts = ["", ":accountName", ":blobServiceUri", ":queueServiceUri", ":clientId"];

    /// <summary>Whether the setting is there, in whatever form; nothing is sent to find out.</summary>
    public bool IsSet =>
        HasConnectionString
        || !string.IsNullOrWhiteSpace(configuration[$"{setting}:accountName"])
        || !string.IsNullOrWhiteSpace(configuration[$"{setting}:blobServiceUri"])
        || !string.IsNullOrWhiteSpace(configuration[$"{setting}:queueServiceUri"]);

    public TokenCredential Credential => new LazyCredential(configuration[$"{setting}:clientId"]);

    private bool HasConnectionString => !string.IsNullOrWhiteSpace(configuration[setting]);

    /// <summary>
    /// The account of the app's data. Settings that only repeat those of the host's account count as not set, so that errors name the latter.
    /// </summary>
    public static StorageAccount OfData(IConfiguration configuration)
    {
        var repeats = Array.TrueForAll(Parts, part => configuration[DataSetting + part] == configuration[DefaultSetting + part]);
        return repeats || new StorageAccount(configuration, DataSetting) is not { IsSet: true } data ? new(configuration, DefaultSetting) : data;
    }

    /// <summary>
    /// What <see cref="DataSetting"/> is when nobody sets it: the host's account. Triggers name the setting, so that it must have a value.
    /// </summary>
    /// <returns>Settings of the lowest rank; none when the setting is set.</returns>
    public static IEnumerable<KeyValuePair<string, string?>> DataDefaults(IConfiguration configuration) =>
        new StorageAccount(configuration, DataSetting).IsSet
            ? []
            : Parts
                .Select(part => KeyValuePair.Create(DataSetting + part, configuration[DefaultSetting + part]))
                .Where(setting => setting.Value is not null);

    /// <exception cref="StorageSettingsException">The setting cannot be used. Nothing is sent to find out.</exception>
    public BlobServiceClient Blobs(BlobClientOptions options) => HasConnectionString
        ? FromConnectionString(text => new BlobServiceClient(text, options))
        : new BlobServiceClient(ServiceUri("blob"), Credential, options);

    /// <exception cref="StorageSettingsException">The setting cannot be used. Nothing is sent to find out.</exception>
    public QueueServiceClient Queues(QueueClientOptions options) => HasConnectionString
        ? FromConnectionString(text => new QueueServiceClient(text, options))
        : new QueueServiceClient(ServiceUri("queue"), Credential, options);

    private T FromConnectionString<T>(Func<string, T> create)
    {
        try
        {
            return create(configuration[setting]!);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Not as the inner exception: whatever quotes the setting could quote the key.
            throw new StorageSettingsException(
                $"{setting} is no storage connection string. Copy it from the account's access keys; for Azurite write "
                + $"UseDevelopmentStorage=true; for an identity leave it empty and set {setting}__accountName.");
        }
    }

    private Uri ServiceUri(string service)
    {
        if (configuration[$"{setting}:{service}ServiceUri"] is { Length: > 0 } text)
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
                ? new Uri(uri.GetLeftPart(UriPartial.Path))
                : throw new StorageSettingsException(
                    $"{setting}__{service}ServiceUri is no https URI. Write https://<account>.{service}.core.windows.net.");
        }

        var account = configuration[$"{setting}:accountName"];
        if (string.IsNullOrWhiteSpace(account))
        {
            throw new StorageSettingsException(
                $"The storage account in {setting} is needed, and it is not set. Set {setting} to a connection string or "
                + $"UseDevelopmentStorage=true, or {setting}__accountName to use an identity.");
        }

        return account.Length is >= 3 and <= 24 && account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
            ? new Uri($"https://{account}.{service}.core.windows.net")
            : throw new StorageSettingsException(
                $"{setting}__accountName is no account name: 3 to 24 of a-z 0-9, without the domain.");
    }
}
