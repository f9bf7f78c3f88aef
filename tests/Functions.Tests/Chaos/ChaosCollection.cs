using Inference.Testing;

namespace Functions.Tests.Chaos;

/// <summary>Runs beside no other test, because it measures times.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Chaos";
}
