namespace StorageAccounts;

/// <summary>A setting that cannot be used, with a message for whoever wrote it. It never contains a secret.</summary>
public sealed class StorageSettingsException(string message) : Exception(message);
