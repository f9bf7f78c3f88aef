namespace Functions.Worker.Standalone.Queues;

/// <summary>A queue in a storage account.</summary>
/// <param name="Connection">The name of the setting for the storage account, or the prefix of the account's settings.</param>
internal sealed record QueueAddress(string Connection, string Name);
