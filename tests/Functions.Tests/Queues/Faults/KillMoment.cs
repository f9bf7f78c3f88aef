namespace Functions.Tests.Queues.Faults;

/// <summary>The moment at which a server is killed.</summary>
internal enum KillMoment
{
    AfterTheLease,
    AfterTheResult,
    BeforeTheMessage,
    BeforeTheDelete,
    DuringStart,
}
