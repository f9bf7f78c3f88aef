namespace Functions.Worker.Standalone.Queues;

/// <param name="Connection">The setting, or prefix of settings, of the storage account.</param>
internal sealed record QueueAddress(string Connection, string Name);
