using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Inference.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace StorageAccounts.Tests;

public sealed class StorageAccountTests
{
    [Theory]
    [InlineData("", "UseDevelopmentStorage=true", "http://127.0.0.1:10000/devstoreaccount1")]
    [InlineData("", "AccountName=abc;AccountKey=AAAA;EndpointSuffix=core.windows.net", "https://abc.blob.core.windows.net/")]
    [InlineData("", "BlobEndpoint=https://abc.example;SharedAccessSignature=sig=x", "https://abc.example/?sig=x")]
    [InlineData(":accountName", "abc", "https://abc.blob.core.windows.net/")]
    [InlineData(":blobServiceUri", "https://abc.blob.core.chinacloudapi.cn/", "https://abc.blob.core.chinacloudapi.cn/")]
    public void CreateBlobClient_FormsOfTheSetting_UsesTheAccount(string key, string value, string expected) =>
        Assert.Equal(expected, Account(key, value).CreateBlobClient(new BlobClientOptions()).Uri.AbsoluteUri);

    [Theory]
    [InlineData("", "UseDevelopmentStorage=true", "http://127.0.0.1:10001/devstoreaccount1")]
    [InlineData("", "AccountName=abc;AccountKey=AAAA;EndpointSuffix=core.windows.net", "https://abc.queue.core.windows.net/")]
    [InlineData(":accountName", "abc", "https://abc.queue.core.windows.net/")]
    [InlineData(":queueServiceUri", "https://abc.queue.core.chinacloudapi.cn/", "https://abc.queue.core.chinacloudapi.cn/")]
    public void CreateQueueClient_FormsOfTheSetting_UsesTheAccount(string key, string value, string expected) =>
        Assert.Equal(expected, Account(key, value).CreateQueueClient(new QueueClientOptions()).Uri.AbsoluteUri);

    [Theory]
    [InlineData(":clientId", "abc", "AzureWebJobsStorage__clientId is set, but no account is. Also set AzureWebJobsStorage__accountName")]
    [InlineData(":credential", "managedidentity",
        "AzureWebJobsStorage__credential is set, but no account is. Also set AzureWebJobsStorage__accountName")]
    [InlineData(":tenantId", "abc", "AzureWebJobsStorage__tenantId is set, but no account is. Also set AzureWebJobsStorage__accountName")]
    [InlineData(":queueServiceUri", "https://abc.queue.core.windows.net",
        "AzureWebJobsStorage__queueServiceUri is set, but blobs need AzureWebJobsStorage__blobServiceUri. Set "
        + "AzureWebJobsStorage__blobServiceUri to https://<account>.blob.core.windows.net, or AzureWebJobsStorage__accountName to the name "
        + "of the account instead of AzureWebJobsStorage__queueServiceUri.")]
    [InlineData(":serviceUri", "https://abc.blob.core.windows.net",
        "AzureWebJobsStorage__serviceUri is set, but blobs need AzureWebJobsStorage__blobServiceUri.")]
    [InlineData(":serviceUri", "abc", "AzureWebJobsStorage__serviceUri is set, but blobs need AzureWebJobsStorage__blobServiceUri.")]
    [InlineData("", "   ", "AzureWebJobsStorage is not set, but its storage account is needed.")]
    [InlineData("", "secret", "AzureWebJobsStorage is not a storage connection string.")]
    [InlineData("", "AccountName=abc;AccountKey=secret", "AzureWebJobsStorage is not a storage connection string.")]
    [InlineData("", "AccountName=abc;AccountKey=%secret%;EndpointSuffix=a.net", "AzureWebJobsStorage is not a storage connection string.")]
    [InlineData(":accountName", "abc.blob.core.windows.net", "AzureWebJobsStorage__accountName is not an account name")]
    [InlineData(":blobServiceUri", "http://abc.blob.core.windows.net", "AzureWebJobsStorage__blobServiceUri is not an https URI.")]
    [InlineData(":blobServiceUri", "abc", "AzureWebJobsStorage__blobServiceUri is not an https URI.")]
    public void CreateBlobClient_UnusableSetting_ThrowsAReasonWithoutSecret(string key, string value, string reason)
    {
        var error = Assert.Throws<StorageSettingsException>(() => Account(key, value).CreateBlobClient(new BlobClientOptions()));

        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void CreateQueueClient_BlobServiceUriAlone_NamesTheMissingPart() => Assert.StartsWith(
        "AzureWebJobsStorage__blobServiceUri is set, but queues need AzureWebJobsStorage__queueServiceUri.",
        Assert.Throws<StorageSettingsException>(() =>
            Account(":blobServiceUri", "https://abc.blob.core.windows.net").CreateQueueClient(new QueueClientOptions())).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("credential=workload", "A__credential is not \"managedidentity\"")]
    [InlineData("tenantId=t", "A__tenantId is set, but A__clientId is not.")]
    [InlineData("tenantId=t clientId=c", "A__tenantId is set, but A__clientSecret is not.")]
    [InlineData("clientSecret=s clientId=c", "A__clientSecret is set, but A__tenantId is not.")]
    [InlineData("credential=managedidentity tenantId=t", "A__tenantId is not for a managed identity")]
    public void CreateBlobClient_HalfAnIdentity_NamesTheMissingPart(string parts, string reason)
    {
        using var configuration = Configuration("A:accountName=abc " + string.Join(' ', parts.Split(' ').Select(part => $"A:{part}")));

        var error =
            Assert.Throws<StorageSettingsException>(() => new StorageAccount(configuration, "A").CreateBlobClient(new BlobClientOptions()));

        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("credential=ManagedIdentity clientId=c")]
    [InlineData("tenantId=t clientId=c clientSecret=s")]
    public void CreateBlobClient_WholeIdentity_UsesTheAccount(string parts)
    {
        using var configuration = Configuration("A:accountName=abc " + string.Join(' ', parts.Split(' ').Select(part => $"A:{part}")));

        Assert.Equal("abc", new StorageAccount(configuration, "A").CreateBlobClient(new BlobClientOptions()).AccountName);
    }

    [Theory]
    [InlineData("", "UseDevelopmentStorage=true", true)]
    [InlineData(":accountName", "abc", true)]
    [InlineData(":queueServiceUri", "https://abc.queue.core.windows.net/", true)]
    [InlineData("", " ", false)]
    [InlineData(":clientId", "abc", true)]
    public void IsSet_FormsOfTheSetting_IsWhetherAPartIsSet(string key, string value, bool expected) =>
        Assert.Equal(expected, Account(key, value).IsSet);

    [Theory]
    [InlineData("AzureWebJobsStorage:accountName=host", "https://host.blob.core.windows.net/")]
    [InlineData("AzureWebJobsStorage:accountName=host InferenceStorage:accountName=data", "https://data.blob.core.windows.net/")]
    [InlineData(
        "AzureWebJobsStorage=UseDevelopmentStorage=true InferenceStorage:blobServiceUri=https://data.example", "https://data.example/")]
    [InlineData("InferenceStorage:accountName=data", "https://data.blob.core.windows.net/")]
    public void ForData_OwnAccountOrTheHosts_IsTheFirstThatIsSet(string settings, string expected)
    {
        using var configuration = Configuration(settings);

        Assert.Equal(expected, StorageAccount.ForData(configuration).CreateBlobClient(new BlobClientOptions()).Uri.AbsoluteUri);
        // The defaults do not change the account. They let triggers find the account by the name of the setting.
        using var filled = CreateWithDefaults(settings);
        Assert.Equal(expected, StorageAccount.ForData(filled).CreateBlobClient(new BlobClientOptions()).Uri.AbsoluteUri);
        Assert.Equal(
            expected, new StorageAccount(filled, StorageAccount.DataSetting).CreateBlobClient(new BlobClientOptions()).Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("", "AzureWebJobsStorage is not set, but its storage account is needed")]
    [InlineData("AzureWebJobsStorage=wrong", "AzureWebJobsStorage is not a storage connection string")]
    [InlineData("AzureWebJobsStorage:accountName=host InferenceStorage=wrong", "InferenceStorage is not a storage connection string")]
    public void ForData_UnusableSetting_NamesTheSettingThatIsSet(string settings, string reason)
    {
        using var filled = CreateWithDefaults(settings);

        var error = Assert.Throws<StorageSettingsException>(() => StorageAccount.ForData(filled).CreateBlobClient(new BlobClientOptions()));

        AssertText.Contains(reason, error.Message);
    }

    /// <summary>
    /// A trigger names the account of the app's data. The settings of this account may be copies of those of the host's account.
    /// </summary>
    [Theory]
    [InlineData("AzureWebJobsStorage:credential=managedidentity", "AzureWebJobsStorage__credential is set, but no account is.")]
    [InlineData("AzureWebJobsStorage:blobServiceUri=https://a.blob.core.windows.net",
        "AzureWebJobsStorage__blobServiceUri is set, but queues need")]
    [InlineData(
        "InferenceStorage:queueServiceUri=https://a.queue.core.windows.net", "InferenceStorage__queueServiceUri is set, but blobs need")]
    [InlineData("AzureWebJobsStorage=x InferenceStorage:clientId=c", "InferenceStorage__clientId is set, but no account is.")]
    public void Problem_HalfAnAccount_NamesTheSettingThatIsSet(string settings, string reason)
    {
        using var filled = CreateWithDefaults(settings);

        var problem = StorageAccount.FromSetting(filled, StorageAccount.DataSetting).Problem;

        Assert.StartsWith(reason, problem, StringComparison.Ordinal);
        Assert.Equal(problem, StorageAccount.ForData(filled).Problem);
    }

    [Theory]
    [InlineData("AzureWebJobsStorage=UseDevelopmentStorage=true")]
    [InlineData("InferenceStorage:accountName=abc")]
    [InlineData(
        "InferenceStorage:blobServiceUri=https://a.blob.core.windows.net InferenceStorage:queueServiceUri=https://a.queue.core.windows.net")]
    public void Problem_WholeAccount_IsNull(string settings)
    {
        using var filled = CreateWithDefaults(settings);

        Assert.Null(StorageAccount.ForData(filled).Problem);
    }

    private static ConfigurationManager Configuration(string settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(setting => setting.Split('=', 2))
            .Select(parts => KeyValuePair.Create(parts[0], (string?)parts[1])));
        return configuration;
    }

    /// <summary>Creates a configuration with the defaults that the app adds.</summary>
    private static ConfigurationManager CreateWithDefaults(string settings)
    {
        var configuration = Configuration(settings);
        KeyValuePair<string, string?>[] defaults = [.. StorageAccount.GetDataDefaults(configuration)];
        ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
        return configuration;
    }

    private static StorageAccount Account(string key, string value) => new(
        new ConfigurationBuilder().AddInMemoryCollection([new(StorageAccount.DefaultSetting + key, value)]).Build(),
        StorageAccount.DefaultSetting);
}
