namespace Functions.Worker.Registry;

/// <summary>A queue a function is bound to.</summary>
/// <param name="Name">The binding's name.</param>
/// <param name="QueueName">As written, so a <c>%setting%</c> in it is still to be replaced.</param>
/// <param name="Connection">The setting, or prefix of settings, of the storage account.</param>
public sealed record QueueBinding(string Name, string QueueName, string Connection);
