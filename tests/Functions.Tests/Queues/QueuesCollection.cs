using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>
/// The collection of tests that share one Azurite. The tests run one after another, so each may stop Azurite for a while.
/// </summary>
[CollectionDefinition(Name)]
public sealed class QueuesCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Queues";
}
