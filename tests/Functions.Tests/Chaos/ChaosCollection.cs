using Inference.Testing;

namespace Functions.Tests.Chaos;

/// <summary>The collection of tests that never run beside other tests, because they measure times.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Chaos";
}
