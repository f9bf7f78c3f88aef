using Inference;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx;
using Inference.WarmUp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cli.Models;

/// <summary>Finds out here what a server would otherwise find out there.</summary>
internal static class ModelCheck
{
    /// <param name="run">Whether it is run on inputs made up for it: zeros, in the smallest shape it takes.</param>
    /// <exception cref="InferenceException">It does not load.</exception>
    /// <exception cref="CliException">It loads, but fails on the inputs.</exception>
    public static async Task<ModelSignature> RunAsync(ModelId id, string modelPath, string cacheFolder, bool run, CancellationToken cancellationToken)
    {
        using var governor = new Governor();
        var runtime = new OnnxModelRuntime(governor, cacheFolder, shared: null, TimeProvider.System, NullLogger<OnnxModelRuntime>.Instance);
        await using var session = await runtime.LoadAsync(id, new ModelFiles(modelPath, LabelsPath: null), ModelSettings.Default, cancellationToken);
        try
        {
            if (run)
                await ZeroRun.RunAsync(session, cancellationToken);
        }
        catch (InferenceException e)
        {
            throw new CliException($"The model loads, but fails on zeros in its smallest shape: {e.Message} If it may, add --load-only.", cause: e);
        }

        return session.Signature;
    }
}
