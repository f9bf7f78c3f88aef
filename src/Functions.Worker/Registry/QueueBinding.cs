namespace Functions.Worker.Registry;

/// <summary>A queue that a function is bound to.</summary>
/// <param name="Name">The binding's name.</param>
/// <param name="QueueName">The name as written in the attribute. A <c>%setting%</c> in the name is not yet replaced.</param>
/// <param name="Connection">The name of the setting for the storage account, or the prefix of the account's settings.</param>
public sealed record QueueBinding(string Name, string QueueName, string Connection);
