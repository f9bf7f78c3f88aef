using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;

namespace StorageAccounts;

/// <summary>
/// The storage account that a setting names, in the forms that the Functions host accepts. The setting is a connection string. For an
/// identity, the setting has parts instead: <c>__accountName</c>, or <c>__blobServiceUri</c> and <c>__queueServiceUri</c>.
/// <c>__clientId</c> alone names a user-assigned identity. <c>__clientId</c>, <c>__tenantId</c> and <c>__clientSecret</c> together name an
/// app registration.
/// </summary>
/// <param name="setting">The name of the setting, such as AzureWebJobsStorage.</param>
public sealed class StorageAccount(IConfiguration configuration, string setting)
{
    /// <summary>
    /// The setting of the Functions host's account. The account also contains the app's data, unless <see cref="DataSetting"/> is set.
    /// </summary>
    public const string DefaultSetting = "AzureWebJobsStorage";

    /// <summary>The setting of the account for the app's data: models, queues and results.</summary>
    public const string DataSetting = "InferenceStorage";

    /// <summary>The settings that can name the account of the app's data, as part of a message.</summary>
    public const string DataSettings = $"{DataSetting}, or in {DefaultSetting} if that is not set";

    private static readonly string[] LocationParts = ["", ":accountName", ":blobServiceUri", ":queueServiceUri", ":serviceUri"];

    private static readonly string[] Parts = [.. LocationParts, .. AccountIdentity.Parts];

    private readonly Lazy<string?> _problem = new(() => FindProblem(new StorageAccount(configuration, setting)));

    /// <summary>The name of the setting.</summary>
    public string Setting => setting;

    /// <summary>Whether any part of the setting is set, even if that part is not sufficient. The check sends no request.</summary>
    public bool IsSet => Array.Exists(Parts, part => !string.IsNullOrWhiteSpace(configuration[setting + part]));

    /// <summary>
    /// The reason why the setting is not sufficient for jobs, which use both blobs and queues; null when it is sufficient. The check sends
    /// no request.
    /// </summary>
    public string? Problem => _problem.Value;

    /// <summary>The credential of the client, for an account without a connection string.</summary>
    /// <exception cref="StorageSettingsException">The parts that identify the client contradict each other.</exception>
    public TokenCredential Credential => new AccountIdentity(configuration, setting).CreateCredential();

    private bool HasConnectionString => !string.IsNullOrWhiteSpace(configuration[setting]);

    /// <summary>
    /// Returns the account of the app's data. If <see cref="DataSetting"/> has the same values as the host's setting, errors name the
    /// host's setting.
    /// </summary>
    public static StorageAccount ForData(IConfiguration configuration)
    {
        var isRepetition = Array.TrueForAll(Parts, part => configuration[DataSetting + part] == configuration[DefaultSetting + part]);
        return isRepetition || new StorageAccount(configuration, DataSetting) is not { IsSet: true } data
            ? new(configuration, DefaultSetting)
            : data;
    }

    /// <summary>
    /// Returns the account that a trigger or a binding names. For <see cref="DataSetting"/>, this method returns the same account as
    /// <see cref="ForData"/>.
    /// </summary>
    public static StorageAccount FromSetting(IConfiguration configuration, string setting) =>
        setting == DataSetting ? ForData(configuration) : new(configuration, setting);

    /// <summary>
    /// Returns the settings of the host's account as defaults for <see cref="DataSetting"/>. Triggers refer to this setting, so it must
    /// have a value.
    /// </summary>
    /// <returns>Settings to add with the lowest precedence; none when <see cref="DataSetting"/> is set.</returns>
    public static IEnumerable<KeyValuePair<string, string?>> GetDataDefaults(IConfiguration configuration) =>
        new StorageAccount(configuration, DataSetting).IsSet
            ? []
            : Parts
                .Select(part => KeyValuePair.Create(DataSetting + part, configuration[DefaultSetting + part]))
                .Where(setting => setting.Value is not null);

    /// <summary>Creates the client of the account's blobs.</summary>
    /// <exception cref="StorageSettingsException">The setting is invalid. The check sends no request.</exception>
    public BlobServiceClient CreateBlobClient(BlobClientOptions options) => HasConnectionString
        ? FromConnectionString(text => new BlobServiceClient(text, options))
        : new BlobServiceClient(GetServiceUri("blob"), Credential, options);

    /// <summary>Creates the client of the account's queues.</summary>
    /// <exception cref="StorageSettingsException">The setting is invalid. The check sends no request.</exception>
    public QueueServiceClient CreateQueueClient(QueueClientOptions options) => HasConnectionString
        ? FromConnectionString(text => new QueueServiceClient(text, options))
        : new QueueServiceClient(GetServiceUri("queue"), Credential, options);

    private static string? FindProblem(StorageAccount account)
    {
        try
        {
            _ = account.CreateBlobClient(new BlobClientOptions());
            _ = account.CreateQueueClient(new QueueClientOptions());
            return null;
        }
        catch (StorageSettingsException e)
        {
            return e.Message;
        }
    }

    private T FromConnectionString<T>(Func<string, T> create)
    {
        try
        {
            return create(configuration[setting]!);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // The cause is not the inner exception, because its text may quote the setting and therefore the key.
            throw new StorageSettingsException(
                $"{setting} is not a storage connection string. Copy one from the account's access keys. For Azurite, write "
                + $"UseDevelopmentStorage=true. For an identity, leave {setting} empty and set {setting}__accountName.");
        }
    }

    private Uri GetServiceUri(string service)
    {
        if (configuration[$"{setting}:{service}ServiceUri"] is { Length: > 0 } text)
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
                ? new Uri(uri.GetLeftPart(UriPartial.Path))
                : throw new StorageSettingsException(
                    $"{setting}__{service}ServiceUri is not an https URI. Write https://<account>.{service}.core.windows.net.");
        }

        var account = configuration[$"{setting}:accountName"];
        if (string.IsNullOrWhiteSpace(account))
            throw new StorageSettingsException(DescribeMissingPart(service));

        return account.Length is >= 3 and <= 24 && account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
            ? new Uri($"https://{account}.{service}.core.windows.net")
            : throw new StorageSettingsException(
                $"{setting}__accountName is not an account name. Write 3 to 24 of the characters a-z and 0-9, without the domain.");
    }

    /// <summary>
    /// Describes which part is missing in addition to the parts that are set. Callers of the server receive the text, so the text does not
    /// contain the account's name.
    /// </summary>
    private string DescribeMissingPart(string service)
    {
        if (LocationParts.Skip(1).FirstOrDefault(part => !string.IsNullOrWhiteSpace(configuration[setting + part])) is { } locationPart)
        {
            var givenName = setting + locationPart.Replace(":", "__", StringComparison.Ordinal);
            return $"{givenName} is set, but {service}s need {setting}__{service}ServiceUri. Set {setting}__{service}ServiceUri to "
                + $"https://<account>.{service}.core.windows.net, or {setting}__accountName to the name of the account instead of "
                + $"{givenName}.";
        }

        if (new AccountIdentity(configuration, setting).FirstSettingName is { } part)
            return $"{part} is set, but no account is. Also set {setting}__accountName to the name of the storage account.";
        return $"{setting} is not set, but its storage account is needed. Set {setting} to a connection string or "
            + $"UseDevelopmentStorage=true, or {setting}__accountName to use an identity.";
    }
}
