using System.CommandLine;
using Azure;
using Azure.Storage.Blobs;
using Inference.Azure.Settings;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Cli.Models.Stores;

/// <summary>The options of commands that work on a store of models, rather than a server.</summary>
internal static class StoreOptions
{
    public const string ConnectionVariable = "AZURE_STORAGE_CONNECTION_STRING";

    /// <summary>Some seconds: somebody waits, and an interrupted push is taken up.</summary>
    private const int MaxRetries = 3;

    public static readonly Option<string> Store = CreateStore(required: true);

    /// <summary>For commands that can do without.</summary>
    public static readonly Option<string> OptionalStore = CreateStore(required: false);

    /// <exception cref="CliException">It names no store.</exception>
    public static IModelFiles Open(string store)
    {
        if (!BlobModelStoreFactory.Handles(store))
            return new FolderFiles(store);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new(ConnectionVariable, Environment.GetEnvironmentVariable(ConnectionVariable))])
            .Build();
        var options = new BlobClientOptions { Retry = { MaxRetries = MaxRetries } };
        try
        {
            var (container, prefix) = BlobModelStoreFactory.Open(store, new StorageAccount(configuration, ConnectionVariable), options);
            return new BlobFiles(container, prefix);
        }
        catch (StorageSettingsException e)
        {
            // It speaks of the server's settings.
            var message = e.Message.Replace("Models__Source", "--store", StringComparison.Ordinal)
                .Replace("AzureWebJobsStorage", ConnectionVariable, StringComparison.Ordinal);
            throw CliException.Usage(message);
        }
    }

    /// <summary>Why a store failed, and what to do, in whole sentences; Azure's clients give up with one failure for each try.</summary>
    public static string Reason(Exception failure)
    {
        var cause = failure is AggregateException { InnerExceptions: [var first, ..] } ? first : failure;
        // What a client wraps around the reason says less.
        var reason = cause is RequestFailedException { Status: > 0 } ? cause : cause.GetBaseException();
        return $"{StorageProblem.Describe(reason)}. {StorageProblem.Advise(cause)}".TrimEnd();
    }

    private static Option<string> CreateStore(bool required) => new("--store")
    {
        Description =
            $"Where models are kept: a folder, a container's https URI (with a SAS, or for your Azure login), or blob:<container>[/prefix] "
            + $"in ${ConnectionVariable}",
        HelpName = "folder|uri",
        Required = required,
    };
}
