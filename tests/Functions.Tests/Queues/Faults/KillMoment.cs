namespace Functions.Tests.Queues.Faults;

/// <summary>When a server is killed.</summary>
internal enum KillMoment
{
    AfterTheLease,
    AfterTheResult,
    BeforeTheMessage,
    BeforeTheDelete,
    DuringStart,
}
