namespace Functions.Worker.Standalone.Queues;

/// <summary>A queue in a storage account.</summary>
/// <param name="Connection">The name of the storage account's setting, or the prefix of its settings.</param>
internal sealed record QueueAddress(string Connection, string Name);
