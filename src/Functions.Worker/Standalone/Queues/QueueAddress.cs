namespace Functions.Worker.Standalone.Queues;

/// <summary>A queue in a storage account.</summary>
/// <param name="Connection">The setting, or prefix of settings, of the storage account.</param>
internal sealed record QueueAddress(string Connection, string Name);
