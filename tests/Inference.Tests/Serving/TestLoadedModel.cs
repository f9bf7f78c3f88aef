using Inference.Models;
using Inference.Models.Settings;
using Inference.Serving;
using Inference.Testing;

namespace Inference.Tests.Serving;

/// <summary>Loaded models without a catalog around them.</summary>
internal static class TestLoadedModel
{
    public static LoadedModel Of(string name, IModelSession session) => new(
        new Model(TestModels.Id(name), session.Signature, []), session, ModelSettings.Default,
        new ModelMemory(TestBudget.Unlimited(), slot: null!), new ModelStatistics(TimeProvider.System));
}
