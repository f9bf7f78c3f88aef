using Inference.Models;
using Inference.Models.Settings;
using Inference.Serving;
using Inference.Testing;

namespace Inference.Tests.Serving;

/// <summary>Loaded models without a catalog around them.</summary>
internal static class TestLoadedModel
{
    /// <param name="contract">What the model's settings say of sharing runs.</param>
    public static LoadedModel Of(string name, IModelSession session, ContractChoice contract = ContractChoice.Declared) => new(
        new Model(TestModels.Id(name), session.Signature, []), session, ModelSettings.Default with { Batching = new BatchingSettings { Contract = contract } },
        new ModelMemory(TestBudget.Unlimited(), slot: null!), new ModelStatistics(TimeProvider.System));
}
