using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>One Azurite for all; the tests in it run one after another, so one of them may stop it for a while.</summary>
[CollectionDefinition(Name)]
public sealed class QueuesCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Queues";
}
