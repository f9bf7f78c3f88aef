using Azure.Storage.Blobs;
using Inference.Azure.Settings;
using Microsoft.Extensions.Configuration;

namespace Inference.Azure.Tests.Settings;

public sealed class StorageAccountTests
{
    [Theory]
    [InlineData("", "UseDevelopmentStorage=true", "http://127.0.0.1:10000/devstoreaccount1")]
    [InlineData("", "AccountName=abc;AccountKey=AAAA;EndpointSuffix=core.windows.net", "https://abc.blob.core.windows.net/")]
    [InlineData("", "BlobEndpoint=https://abc.example;SharedAccessSignature=sig=x", "https://abc.example/?sig=x")]
    [InlineData(":accountName", "abc", "https://abc.blob.core.windows.net/")]
    [InlineData(":blobServiceUri", "https://abc.blob.core.chinacloudapi.cn/", "https://abc.blob.core.chinacloudapi.cn/")]
    public void Blobs_FormsOfTheSetting_TheAccount(string key, string value, string expected) =>
        Assert.Equal(expected, StorageAccount.Blobs(Configuration(key, value), new BlobClientOptions()).Uri.AbsoluteUri);

    [Theory]
    [InlineData(":clientId", "abc", "Models__Source names a container of the storage account in AzureWebJobsStorage, which is not set.")]
    [InlineData("", "   ", "Models__Source names a container of the storage account in AzureWebJobsStorage, which is not set.")]
    [InlineData("", "secret", "AzureWebJobsStorage is no storage connection string.")]
    [InlineData("", "AccountName=abc;AccountKey=secret", "AzureWebJobsStorage is no storage connection string.")]
    [InlineData("", "AccountName=abc;AccountKey=%secret%;EndpointSuffix=a.net", "AzureWebJobsStorage is no storage connection string.")]
    [InlineData(":accountName", "abc.blob.core.windows.net", "AzureWebJobsStorage__accountName is no account name")]
    [InlineData(":blobServiceUri", "http://abc.blob.core.windows.net", "AzureWebJobsStorage__blobServiceUri is no https URI.")]
    [InlineData(":blobServiceUri", "abc", "AzureWebJobsStorage__blobServiceUri is no https URI.")]
    public void Blobs_UnusableSetting_ReasonWithoutSecret(string key, string value, string reason)
    {
        var error = Assert.Throws<StorageSettingsException>(() => StorageAccount.Blobs(Configuration(key, value), new BlobClientOptions()));

        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(string key, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("AzureWebJobsStorage" + key, value)]).Build();
}
