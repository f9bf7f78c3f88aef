using System.CommandLine;
using Cli.Output;
using Inference.Azure.Predictions;
using StorageAccounts;

namespace Cli.Poison;

/// <summary>
/// <c>poison</c>: lists, replays and deletes messages that failed repeatedly. The command uses the storage account directly, because the
/// server has no routes for these messages.
/// </summary>
internal static class PoisonCommand
{
    private static readonly Option<string?> Id = new("--id") { Description = "The message with this id" };
    private static readonly Option<string?> Error = new("--error") { Description = "Messages whose prediction failed with this code" };
    private static readonly Option<bool> All = new("--all") { Description = "All messages" };
    private static readonly Option<bool> Yes = Confirmation.CreateYes();

    public static Command Create()
    {
        var list = new Command("list", "List failed messages and their errors") { Id, Error, All };
        list.SetAction((parsed, cancellationToken) => RunAsync(parsed, change: null, cancellationToken));
        var command = new Command("poison", "Manage failed messages")
        {
            list,
            Create("replay", "Delete the failed results, and send the messages to the queue again",
                new("replayed", (messages, message) => messages.ReplayAsync(message, CancellationToken.None), IsReplay: true)),
            Create("drop", "Delete messages", new("dropped", (_, message) => PoisonMessages.DropAsync(message, CancellationToken.None))),
        };
        PoisonOptions.AddOptions(command);
        return command;
    }

    private static Command Create(string name, string description, Change change)
    {
        var command = new Command(name, description) { Id, Error, All, Yes };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, change, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Change? change, CancellationToken cancellationToken)
    {
        var filterCount = (parsed.GetValue(Id) is null ? 0 : 1) + (parsed.GetValue(Error) is null ? 0 : 1) + (parsed.GetValue(All) ? 1 : 0);
        if (filterCount > 1 || (filterCount == 0 && change is not null))
            throw CliException.CreateUsageError("Select the messages by one of --id <id>, --error <code> and --all.");
        try
        {
            return await RunAsync(parsed, change, PoisonOptions.Open(parsed), cancellationToken);
        }
        catch (StorageSettingsException e)
        {
            throw CliException.CreateUsageError(PoisonOptions.ReplaceSettingNames(e.Message));
        }
        catch (PredictionStorageException e)
        {
            throw new CliException(PoisonOptions.ReplaceSettingNames(e.Message), cause: e);
        }
    }

    /// <summary>
    /// Lists the matching messages and, after confirmation, changes them. During the command, all messages are hidden from other processes.
    /// At the end, the unchanged messages become visible again.
    /// </summary>
    private static async Task<int> RunAsync(
        ParseResult parsed, Change? change, PoisonStorage storage, CancellationToken cancellationToken)
    {
        var unchanged = new List<PoisonMessage>(await storage.Messages.ReceiveAllAsync(cancellationToken));
        try
        {
            var matching = await SelectAsync(parsed, unchanged, storage, cancellationToken);
            PoisonReport.Write(matching, unchanged.Count, storage.QueueNames, parsed.GetValue(GlobalOptions.Json));
            if (change is null || matching.Count == 0)
                return ExitCode.Done;
            var withoutResult = change.IsReplay ? await FindWithoutResultAsync(matching, storage, cancellationToken) : [];
            List<PoisonMessage> targets = [.. matching.Except(withoutResult)];
            if (targets.Count > 0)
            {
                if (!parsed.GetValue(Yes) && !Confirmation.Confirm($"{targets.Count} will be {change.Participle}. Continue?"))
                    return ExitCode.Failed;
                await ApplyAsync(change, targets, unchanged, storage, cancellationToken);
            }

            return withoutResult.Count == 0
                ? ExitCode.Done
                : throw PoisonErrors.CreateNoResultError(storage.Settings.Container, withoutResult);
        }
        finally
        {
            foreach (var message in unchanged)
                await PoisonMessages.ReleaseAsync(message, CancellationToken.None);
        }
    }

    /// <summary>Changes messages, and removes the changed ones from <paramref name="unchanged"/>.</summary>
    private static async Task ApplyAsync(
        Change change,
        List<PoisonMessage> targets,
        List<PoisonMessage> unchanged,
        PoisonStorage storage,
        CancellationToken cancellationToken)
    {
        for (var changedCount = 0; changedCount < targets.Count; changedCount++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var message = targets[changedCount];
            if (!await change.Apply(storage.Messages, message))
            {
                throw new CliException(
                    $"{message.Id?.Value ?? "A message"} was not {change.Participle}, because another process leased or deleted it. "
                    + $"{changedCount} of {targets.Count} {change.Participle}. Run inferctl poison list to see the rest.");
            }

            unchanged.Remove(message);
        }

        Console.Error.WriteLine($"{targets.Count} {change.Participle}.");
    }

    /// <summary>Finds the messages that cannot be replayed, because the container does not have their results.</summary>
    /// <exception cref="CliException">The container does not exist.</exception>
    private static async Task<List<PoisonMessage>> FindWithoutResultAsync(
        List<PoisonMessage> matching, PoisonStorage storage, CancellationToken cancellationToken)
    {
        if (matching.Exists(message => message.Id is not null) && await storage.Container.IsMissingAsync(cancellationToken))
            throw PoisonErrors.CreateUnknownContainerError(storage.Settings.Container);
        return matching.FindAll(message => !message.CanReplay);
    }

    /// <summary>Selects the messages with the id or the error on the command line; all messages without either.</summary>
    /// <param name="all">All messages of the queues.</param>
    /// <exception cref="CliException">No message has the id or the error, or the account has none of the server's queues.</exception>
    private static async Task<List<PoisonMessage>> SelectAsync(
        ParseResult parsed, List<PoisonMessage> all, PoisonStorage storage, CancellationToken cancellationToken)
    {
        if (all.Count == 0 && await storage.Queues.ListOtherQueuesAsync(cancellationToken) is { } others)
            throw PoisonErrors.CreateUnknownQueueError(storage.Settings.Queue, others);
        var matching = all.FindAll(message => Matches(parsed, message));
        if (matching.Count > 0)
            return matching;
        if (parsed.GetValue(Id) is { } id)
            throw PoisonErrors.CreateUnknownIdError(id, all, storage.QueueNames);
        if (parsed.GetValue(Error) is { } error)
            throw PoisonErrors.CreateUnknownCodeError(error, all, storage.QueueNames);
        return matching;
    }

    private static bool Matches(ParseResult parsed, PoisonMessage message) =>
        (parsed.GetValue(Id) is not { } id || message.Id?.Value == id)
        && (parsed.GetValue(Error) is not { } error || string.Equals(message.Reason.Code, error, StringComparison.OrdinalIgnoreCase));

    /// <summary>A change of messages.</summary>
    /// <param name="Participle">The past participle for output, such as "replayed".</param>
    /// <param name="Apply">Changes a message. Returns false when another process has leased or deleted the message.</param>
    /// <param name="IsReplay">Whether the change is a replay, which needs the failed results.</param>
    private sealed record Change(string Participle, Func<PoisonMessages, PoisonMessage, Task<bool>> Apply, bool IsReplay = false);
}
