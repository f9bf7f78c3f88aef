namespace Functions.Worker.TestHost;

/// <summary>A message that the host gave up.</summary>
public sealed record PoisonMessage(string Queue, string Body);
