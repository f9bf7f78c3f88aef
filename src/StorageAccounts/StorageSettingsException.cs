namespace StorageAccounts;

/// <summary>The error for an invalid setting, with a message for its author. The message never contains a secret.</summary>
public sealed class StorageSettingsException(string message) : Exception(message);
