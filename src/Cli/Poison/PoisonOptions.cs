using System.CommandLine;
using Cli.Models.Stores;
using Inference.Azure.Predictions;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Cli.Poison;

/// <summary>
/// The options that locate the failed messages: the storage account, the queue, and the container of the results, which have the reasons
/// for the failures.
/// </summary>
internal static class PoisonOptions
{
    private const string AccountVariable = "AZURE_STORAGE_ACCOUNT";

    private static readonly Option<string?> Account = new("--account")
    {
        Description =
            $"The storage account, opened with your Azure login (default: ${AccountVariable}; "
            + $"not used when ${StoreOptions.ConnectionVariable} is set)",
        HelpName = "name",
        Recursive = true,
    };

    private static readonly Option<string?> Queue = new("--queue")
    {
        Description = "The queue of messages, as in the server's setting Predictions__Queue (default: predictions)",
        HelpName = "name",
        Recursive = true,
    };

    private static readonly Option<string?> Container = new("--container")
    {
        Description = "The container of results, as in the server's setting Predictions__Container (default: prediction-results)",
        HelpName = "name",
        Recursive = true,
    };

    public static void AddOptions(Command command)
    {
        command.Add(Account);
        command.Add(Queue);
        command.Add(Container);
    }

    /// <summary>Opens the queues and the container. No request is sent yet.</summary>
    /// <exception cref="StorageSettingsException">The name of the queue or of the container is not valid.</exception>
    public static PoisonStorage Open(ParseResult parsed)
    {
        var accountName = parsed.GetValue(Account) ?? GlobalOptions.ReadVariable(AccountVariable);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new(StoreOptions.ConnectionVariable, GlobalOptions.ReadVariable(StoreOptions.ConnectionVariable)),
                new($"{StoreOptions.ConnectionVariable}:accountName", accountName),
                new("Predictions:Queue", parsed.GetValue(Queue)),
                new("Predictions:Container", parsed.GetValue(Container)),
            ])
            .Build();
        var settings = PredictionSettings.Read(configuration);
        var account = new StorageAccount(configuration, StoreOptions.ConnectionVariable);
        var queues = new PredictionQueues(account, settings);
        var container = new PredictionContainer(account, settings);
        var messages = new PoisonMessages(
            queues,
            container,
            ReadMessage,
            result => ResultReader.Read(result.Span).Failure is { } failure ? new PoisonReason(failure.Code, failure.Message) : null);
        return new PoisonStorage(messages, queues, container, settings);
    }

    private static (PredictionId? Id, PoisonReason? Problem) ReadMessage(ReadOnlyMemory<byte> message)
    {
        try
        {
            return (PredictionMessageReader.Read(message).Id, null);
        }
        catch (InvalidMessageException e)
        {
            return (e.Id, new PoisonReason("invalidMessage", e.Message));
        }
    }

    /// <summary>
    /// Replaces server settings in an error message by the options of this command, such as <c>Predictions__Queue</c> by <c>--queue</c>.
    /// </summary>
    public static string ReplaceSettingNames(string message) => message
        .Replace("Predictions__Queue", "--queue", StringComparison.Ordinal)
        .Replace("Predictions__Container", "--container", StringComparison.Ordinal)
        .Replace($"{StoreOptions.ConnectionVariable}__accountName", "--account", StringComparison.Ordinal)
        .Replace($" in {StorageAccount.DataSettings},", "", StringComparison.Ordinal);
}

/// <summary>The failed messages in a storage account, with their queues and the container of their results.</summary>
internal sealed record PoisonStorage(
    PoisonMessages Messages, PredictionQueues Queues, PredictionContainer Container, PredictionSettings Settings)
{
    /// <summary>
    /// The names of the two queues of failed messages, as a text for the user: given-up messages, and messages whose last attempt was
    /// interrupted.
    /// </summary>
    public string QueueNames => $"{Settings.FailedQueue} and {Settings.PoisonQueue}";
}
