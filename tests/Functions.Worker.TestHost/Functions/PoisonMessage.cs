namespace Functions.Worker.TestHost;

/// <summary>A message that the host moved to a poison queue after too many failures.</summary>
public sealed record PoisonMessage(string Queue, string Body);
