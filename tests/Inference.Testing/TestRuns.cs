using Inference.Models;
using Inference.Tensors;

namespace Inference.Testing;

/// <summary>Runs models without a deadline.</summary>
public static class TestRuns
{
    public static ValueTask<Tensor[]> RunAsync(
        this IModelSession session, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken) =>
        session.RunAsync(inputs, outputs, Deadline.None, cancellationToken);
}
