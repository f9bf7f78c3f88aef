using Azure.Storage.Blobs;
using Inference.Azure.Models;
using Inference.Repository.Trust;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Inference.Azure.Settings;

/// <summary>Creates the store for a Models__Source that names a blob container.</summary>
public static class BlobModelStoreFactory
{
    /// <summary>Whether the source is <c>blob:...</c> or a URI, rather than a folder.</summary>
    public static bool Handles(string source) => BlobSource.Matches(source);

    /// <summary>Creates the store for a source.</summary>
    /// <param name="source">
    /// <c>blob:container[/prefix]</c> in the account of InferenceStorage, or the https URI of a container. A URI without a SAS uses an
    /// identity.
    /// </param>
    /// <exception cref="StorageSettingsException">A setting is invalid. The check sends no request.</exception>
    public static BlobModelStore Create(
        string source, IConfiguration configuration, string cacheDirectory, TrustPolicy trust, TimeProvider time) =>
        Create(source, configuration, cacheDirectory, trust, time, ClientRetry.LimitRetries(new BlobClientOptions()));

    internal static BlobModelStore Create(
        string source, IConfiguration configuration, string cacheDirectory, TrustPolicy trust, TimeProvider time, BlobClientOptions options)
    {
        var account = StorageAccount.ForData(configuration);
        var (container, prefix) = Open(source, account, options);
        return new BlobModelStore(container, prefix, cacheDirectory, trust, time)
        {
            Setting = BlobSource.Parse(source).Service is null ? account.Setting : BlobModelStore.SourceSetting,
        };
    }

    /// <summary>Opens the container that a source names, for writers of models.</summary>
    /// <param name="source">The source of the store.</param>
    /// <param name="account">
    /// The account that contains the container of a <c>blob:...</c> source. For a URI without a SAS, only the identity of this account is
    /// used.
    /// </param>
    /// <returns>The container, and the prefix in it, which is empty or ends in a slash.</returns>
    /// <exception cref="StorageSettingsException">A setting is invalid. The check sends no request.</exception>
    public static (BlobContainerClient Container, string Prefix) Open(string source, StorageAccount account, BlobClientOptions options)
    {
        var parsed = BlobSource.Parse(source);
        return (CreateContainerClient(parsed, account, options), parsed.Prefix);
    }

    private static BlobContainerClient CreateContainerClient(BlobSource source, StorageAccount account, BlobClientOptions options)
    {
        if (source.Service is not { } service)
            return account.CreateBlobClient(options).GetBlobContainerClient(source.Container);

        var uri = new Uri($"{service.AbsoluteUri.TrimEnd('/')}/{source.Container}{source.Sas}");
        if (source.Sas.Length > 0)
            return new BlobContainerClient(uri, options);
        return uri.Scheme == Uri.UriSchemeHttps
            ? new BlobContainerClient(uri, account.Credential, options)
            : throw new StorageSettingsException(
                $"Models__Source cannot be used: {uri} has no SAS, and an identity is only sent over https. Add a SAS, or write "
                + $"blob:{source.Container} and set AzureWebJobsStorage to UseDevelopmentStorage=true.");
    }
}
