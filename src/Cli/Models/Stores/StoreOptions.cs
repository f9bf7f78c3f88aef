using System.CommandLine;
using Azure;
using Azure.Storage.Blobs;
using Inference;
using Inference.Azure.Settings;
using Inference.Models;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Cli.Models.Stores;

/// <summary>The options of commands that use a store of models instead of a server.</summary>
internal static class StoreOptions
{
    public const string ConnectionVariable = "AZURE_STORAGE_CONNECTION_STRING";

    /// <summary>
    /// The maximum number of retries of a request. The user waits, so all retries together take only a few seconds. The user can repeat the
    /// command to continue a push.
    /// </summary>
    private const int MaxRetries = 3;

    /// <summary>The option for commands that require a store.</summary>
    public static readonly Option<string> Store = CreateStore(required: true);

    /// <summary>The option for commands that do not require a store.</summary>
    public static readonly Option<string> OptionalStore = CreateStore(required: false);

    /// <summary>Opens a store. No request is sent yet.</summary>
    /// <exception cref="CliException">The value is not a folder or a container, or the container's account is not given.</exception>
    public static IModelFiles Open(string store)
    {
        if (!BlobModelStoreFactory.Handles(store))
        {
            return !store.Contains("://", StringComparison.Ordinal) ? new FolderFiles(store) : throw CliException.CreateUsageError(
                $"\"{Quote.Shorten(store)}\" is not a store. --store accepts a folder, "
                + "blob:<container>[/prefix] or a container's https URI.");
        }

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
            // The message names settings of the server, which are replaced by the option and the variable of inferctl.
            var message = e.Message.Replace("Models__Source", "--store", StringComparison.Ordinal)
                .Replace("AzureWebJobsStorage", ConnectionVariable, StringComparison.Ordinal);
            throw CliException.CreateUsageError(message);
        }
    }

    /// <summary>Parses the name of a model in a store.</summary>
    /// <exception cref="CliException">The text is not the name of a model.</exception>
    public static ModelName ParseModel(string text) => ModelName.TryParse(text, out var name) ? name : throw CliException.CreateUsageError(
        $"\"{Quote.Shorten(text)}\" is not the name of a model: a name is 1 to {ModelName.MaxLength} of A-Z a-z 0-9 . _ - and starts "
        + "with a letter or digit.");

    /// <summary>Returns the number of <c>--version</c> after a check; null without the option.</summary>
    /// <exception cref="CliException">The number is below 1.</exception>
    public static long? CheckVersion(long? number) =>
        number is < 1 ? throw CliException.CreateUsageError("--version must be at least 1.") : number;

    /// <summary>
    /// Describes in whole sentences why a store failed and what to do. When all attempts fail, Azure's clients throw an
    /// <see cref="AggregateException"/> with one exception for each attempt.
    /// </summary>
    public static string DescribeFailure(Exception failure)
    {
        var cause = failure is AggregateException { InnerExceptions: [var first, ..] } ? first : failure;
        // The innermost exception is the most specific one, unless the service responded with an error.
        var reason = cause is RequestFailedException { Status: > 0 } ? cause : cause.GetBaseException();
        return $"{StorageProblem.Describe(reason)}. {StorageProblem.Advise(cause)}".TrimEnd();
    }

    private static Option<string> CreateStore(bool required) => new("--store")
    {
        Description =
            $"Where models are kept: a folder; a container's https URI, with a SAS or with your Azure login; or blob:<container>[/prefix] "
            + $"in the account of ${ConnectionVariable}",
        HelpName = "folder|uri",
        Required = required,
    };
}
