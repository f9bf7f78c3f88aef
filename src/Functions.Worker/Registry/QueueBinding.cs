namespace Functions.Worker.Registry;

/// <summary>A queue that a function is bound to.</summary>
/// <param name="Name">The binding's name.</param>
/// <param name="QueueName">The name as written in the attribute. A <c>%setting%</c> in the name is not yet replaced.</param>
/// <param name="Connection">The name of the storage account's setting, or the prefix of its settings.</param>
public sealed record QueueBinding(string Name, string QueueName, string Connection);
