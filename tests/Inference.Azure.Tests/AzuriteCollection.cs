using Inference.Testing;

namespace Inference.Azure.Tests;

/// <summary>The tests that share one Azurite. They run one after another, so a test may stop Azurite for a while.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}
