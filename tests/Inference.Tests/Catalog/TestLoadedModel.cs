using Inference.Catalog;
using Inference.Catalog.Memory;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Tests.Catalog;

/// <summary>Creates loaded models without a catalog.</summary>
internal static class TestLoadedModel
{
    /// <param name="contract">The choice about shared runs in the model's settings.</param>
    public static LoadedModel Create(string name, IModelSession session, ContractChoice contract = ContractChoice.Declared)
    {
        var id = TestModels.Id(name);
        var settings = ModelSettings.Default with { Batching = new BatchingSettings { Contract = contract } };
        var telemetry =
            new ModelTelemetry(ModelTags.Create(name, id.Version), new ModelStatistics(TimeProvider.System), NullLogger.Instance);
        return new LoadedModel(
            new Model(id, session.Signature, []), session, settings, new ModelMemory(TestBudget.Unlimited(), version: null!), telemetry)
        {
            Contract = BatchContract.Create(settings.Batching, session),
        };
    }

    /// <summary>Leases the model. Fails the test if the model has ended.</summary>
    public static ModelLease Lease(this LoadedModel model)
    {
        Assert.True(model.TryRetain());
        return new ModelLease(model);
    }
}
