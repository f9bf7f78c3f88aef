using Inference.Testing;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>
/// The tests of this collection share one Azurite and run one after another, so that a test may stop Azurite for a while.
/// </summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}
