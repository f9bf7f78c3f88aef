using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace StorageAccounts;

/// <summary>The parts of a setting that identify the client, in the forms that the Functions host accepts.</summary>
/// <param name="setting">The name of the setting, such as AzureWebJobsStorage.</param>
internal sealed class AccountIdentity(IConfiguration configuration, string setting)
{
    private const string ManagedIdentity = "managedidentity";

    /// <summary>The suffixes that are appended to the setting's name to form the names of the parts.</summary>
    public static readonly string[] Parts = [":credential", ":clientId", ":tenantId", ":clientSecret"];

    /// <summary>The first part that is set, as the name of its environment variable; null when none is set.</summary>
    public string? FirstSettingName => Parts.FirstOrDefault(part => GetValue(part) is not null) is { } part ? GetSettingName(part) : null;

    /// <summary>Creates the credential. No request is sent yet.</summary>
    /// <exception cref="StorageSettingsException">A part is not supported or is missing, or parts contradict each other.</exception>
    public TokenCredential CreateCredential()
    {
        var (credential, clientId) = (GetValue(":credential"), GetValue(":clientId"));
        var (tenantId, secret) = (GetValue(":tenantId"), GetValue(":clientSecret"));
        if (credential is not null && !credential.Equals(ManagedIdentity, StringComparison.OrdinalIgnoreCase))
        {
            throw new StorageSettingsException(
                $"{GetSettingName(":credential")} is not \"{ManagedIdentity}\", the only supported value. "
                + $"Set {GetSettingName(":credential")} to \"{ManagedIdentity}\", or remove it to use the default Azure credential.");
        }

        if (tenantId is null && secret is null)
            return new LazyCredential(clientId);
        var settingName = GetSettingName(tenantId is null ? ":clientSecret" : ":tenantId");
        if (credential is not null)
        {
            throw new StorageSettingsException(
                $"{settingName} is not for a managed identity, which {GetSettingName(":credential")} requests. Remove one of the two.");
        }

        if (Parts.Skip(1).FirstOrDefault(part => GetValue(part) is null) is { } missing)
        {
            throw new StorageSettingsException(
                $"{settingName} is set, but {GetSettingName(missing)} is not. Set __tenantId, __clientId and __clientSecret for an app "
                + "registration, or only __clientId for a managed identity.");
        }

        return new ClientSecretCredential(tenantId, clientId, secret);
    }

    private string? GetValue(string part) => configuration[setting + part] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    private string GetSettingName(string part) => setting + part.Replace(":", "__", StringComparison.Ordinal);
}
