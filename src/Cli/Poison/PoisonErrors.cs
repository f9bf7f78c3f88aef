using Inference;
using Inference.Azure.Predictions;

namespace Cli.Poison;

/// <summary>Creates the errors of <c>poison</c>. The error for an unknown queue, id or error code lists the existing ones.</summary>
internal static class PoisonErrors
{
    /// <summary>The maximum number of names in an error.</summary>
    private const int MaxListed = 10;

    /// <param name="existing">The names of the account's queues.</param>
    public static CliException CreateUnknownQueueError(string queue, IReadOnlyCollection<string> existing) => new(
        $"The storage account has no queue \"{queue}\". {(existing.Count == 0 ? "It has none." : $"It has {List(existing)}.")} "
        + "Set --queue to the server's Predictions__Queue, and check the account.");

    /// <param name="messages">All messages of the queues.</param>
    /// <param name="queues">The names of the queues, as a text for the user.</param>
    public static CliException CreateUnknownIdError(string id, IReadOnlyCollection<PoisonMessage> messages, string queues)
    {
        List<string> ids = [.. messages.Select(message => message.Id?.Value).OfType<string>()];
        return new CliException(
            $"No message in {queues} has the id \"{Quote.Shorten(id)}\". "
            + (messages.Count == 0 ? "The queues are empty."
                : ids.Count == 0 ? "No message there has an id."
                : $"The ids are {List(ids)}."));
    }

    /// <inheritdoc cref="CreateUnknownIdError"/>
    public static CliException CreateUnknownCodeError(string code, IReadOnlyCollection<PoisonMessage> messages, string queues) => new(
        $"No message in {queues} failed with \"{Quote.Shorten(code)}\". "
        + (messages.Count == 0 ? "The queues are empty." : $"The errors are {List(messages.Select(message => message.Reason.Code))}."));

    public static CliException CreateUnknownContainerError(string container) => new(
        $"The storage account has no container \"{container}\", so nothing was replayed. "
        + "Set --container to the server's Predictions__Container, and check the account.");

    /// <param name="messages">The messages without a result in the container.</param>
    public static CliException CreateNoResultError(string container, IReadOnlyCollection<PoisonMessage> messages) => new(
        $"The container \"{container}\" has no failed result of {List(messages.Select(message => message.Id?.Value).OfType<string>())}, so "
        + $"{(messages.Count == 1 ? "this message was" : "these messages were")} not replayed. Set --container to the server's "
        + "Predictions__Container. If a result has expired there, send the request again, and drop the message.");

    private static string List(IEnumerable<string> names)
    {
        List<string> all = [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var shown = string.Join(", ", all.Take(MaxListed).Select(name => $"\"{Quote.Shorten(name)}\""));
        return all.Count > MaxListed ? $"{shown} and {all.Count - MaxListed} more" : shown;
    }
}
