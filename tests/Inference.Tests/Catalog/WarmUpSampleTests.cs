using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Tests.Catalog;

public sealed class WarmUpSampleTests
{
    [Fact]
    public async Task Lease_WarmUpRequestRan_IsOfferedToTheSessionAsASample()
    {
        var store = new FakeModelStore().Add("warm");
        store.Configure("warm", """{"lifecycle":{"warmup":[{"request":{"features":[[1,2],[3,4],[5,6]]},"count":2}]}}""");
        var runtime = new FakeModelRuntime();
        await using var catalog = TestCatalog.Create(store, runtime, readSample: static (_, _) => new PredictionRequest
        {
            Inputs = { new RequestInput("x", Tensor.Create<float>(ElementType.Float32, new Shape(3, 2), [1, 2, 3, 4, 5, 6]), "x") },
        });

        using var lease = await catalog.LeaseAsync(ModelName.Parse("warm"), default, CancellationToken.None);

        Assert.Contains(new Shape(3, 2), Assert.Single(runtime.Sessions).Offered);
    }
}
